// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace rsf::daemon {

struct User {
    uid_t user = 0;
    gid_t group = 0;
    std::string home;
};

// The system's user of that name. Thread-safe.
std::optional<User> find_user(const std::string &name);

} // namespace rsf::daemon
