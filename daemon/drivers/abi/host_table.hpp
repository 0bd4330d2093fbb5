// SPDX-License-Identifier: Apache-2.0
//
// A Host as the driver sees it: the driver ABI's rsf_host, with rsf.log/1, rsf.progress/1 and rsf.target/1. Thread-safe.
#pragma once

#include "drivers/host.hpp"

#include <resourcifier/host.h>

#include <memory>
#include <optional>
#include <string>

namespace rsf::drivers {

// Why call can't be made on another target; none: it can.
std::optional<RawAnswer::Failure> refusal_of(const Call &call);

class HostTable : public rsf_host {
  public:
    HostTable(std::string target_name, std::shared_ptr<Host> behind);
    HostTable(const HostTable &) = delete;
    HostTable &operator=(const HostTable &) = delete;

    Host &behind() const { return *behind_; }

  private:
    const std::string target_name_;
    const std::shared_ptr<Host> behind_;
};

} // namespace rsf::drivers
