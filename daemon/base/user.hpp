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

// This process runs as that user from now on, with its groups, and HOME, USER and LOGNAME say so. There is no way back. For root,
// and while there is one thread. The error is the end of a sentence: "can not run as 'x': there is no such user".
Result<void> become(const std::string &name);

} // namespace rsf::base
