// SPDX-License-Identifier: Apache-2.0
//
// Users and groups of the system by their names. Thread-safe.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <sys/types.h>

namespace rsf::base {

struct User {
    uid_t user = 0;
    gid_t group = 0;
    std::string home;
};

std::optional<User> find_user(const std::string &name);
std::optional<gid_t> find_group(const std::string &name);

// Makes this process run as that user, with its groups, and sets HOME, USER and LOGNAME. It can't be undone. For root, while
// there is one thread. The error is the end of a sentence: "can't run as 'x': there is no such user".
Result<void> become(const std::string &name);

} // namespace rsf::base
