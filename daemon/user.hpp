// SPDX-License-Identifier: Apache-2.0
//
// Users and groups of the system by their names. Thread-safe.
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

std::optional<User> find_user(const std::string &name);
std::optional<gid_t> find_group(const std::string &name);

} // namespace rsf::daemon
