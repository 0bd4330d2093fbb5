// SPDX-License-Identifier: Apache-2.0
#include "user.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace rsf::daemon {

std::optional<User> find_user(const std::string &name) {
    std::array<char, 16 * 1024> texts{};
    passwd entry{};
    passwd *found = nullptr;
    if (::getpwnam_r(name.c_str(), &entry, texts.data(), texts.size(), &found) != 0 || found == nullptr) return std::nullopt;
    return User{found->pw_uid, found->pw_gid, found->pw_dir};
}

std::optional<gid_t> find_group(const std::string &name) {
    std::array<char, 16 * 1024> texts{};
    group entry{};
    group *found = nullptr;
    if (::getgrnam_r(name.c_str(), &entry, texts.data(), texts.size(), &found) != 0 || found == nullptr) return std::nullopt;
    return found->gr_gid;
}

} // namespace rsf::daemon
