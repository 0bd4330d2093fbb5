// SPDX-License-Identifier: Apache-2.0
//
// What a driver reaches of other targets (rsf.target/1): calls that change nothing, on the targets that its settings name.
// Thread-safe.
#pragma once

#include "base/error.hpp"
#include "drivers/call.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace rsf::drivers {

class OtherTargets {
  public:
    OtherTargets() = default;
    OtherTargets(const OtherTargets &) = delete;
    OtherTargets &operator=(const OtherTargets &) = delete;
    virtual ~OtherTargets() = default;

    // Performs call there, and waits for its end, at the latest until its deadline. Refused (forbidden): whatever could write.
    virtual Answer ask(std::string_view target, Call call) = 0;

    // {"target", "driver", "version", "capabilities", "extensions", and "secret" where there is some}. Asks no cluster.
    virtual Result<boost::json::object> describe(std::string_view target) const = 0;
};

} // namespace rsf::drivers
