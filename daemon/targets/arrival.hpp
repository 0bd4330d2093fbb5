// SPDX-License-Identifier: Apache-2.0
//
// A request that is about to be carried out on a target. Until then the target is not idle, so that a reload does not end it in
// between. Keeps the target alive; may be destroyed on any thread but the target's own.
#pragma once

#include "targets/target_fwd.hpp"

#include <memory>

namespace rsf::targets {

class Arrival {
  public:
    Arrival() = default; // on no target
    explicit Arrival(std::shared_ptr<Target> target);
    ~Arrival();
    Arrival(Arrival &&) noexcept = default;
    Arrival &operator=(Arrival &&other) noexcept {
        target_.swap(other.target_);
        return *this;
    }

  private:
    std::shared_ptr<Target> target_;
};

} // namespace rsf::targets
