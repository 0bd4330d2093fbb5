// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"

namespace rsf::dryrun {

Review::Outlook Review::nothing_to_delete(const std::string &why) {
    Outlook outlook;
    outlook.action = "unchanged";
    outlook.basis = "client";
    outlook.reason = "Nothing can be there to delete: " + why;
    return outlook;
}

} // namespace rsf::dryrun
