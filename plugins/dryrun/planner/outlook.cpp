// SPDX-License-Identifier: Apache-2.0
#include "outlook.hpp"

namespace rsf::dryrun::planner {

Conventions conventions_of(const Outlook &outlook, const LiveTarget &target) {
    const bool is_kept = target.is_kubernetes() || (outlook.before && is_kept_by_api_server(*outlook.before)) ||
                         (outlook.after && is_kept_by_api_server(*outlook.after));
    return is_kept ? Conventions::kubernetes : Conventions::foreign;
}

} // namespace rsf::dryrun::planner
