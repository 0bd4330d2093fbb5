// SPDX-License-Identifier: Apache-2.0
#include "base/user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace rsf::base {

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

Result<void> become(const std::string &name) {
    const std::string can_not = "can't run as '" + name + "': ";
    const std::optional<User> entry = find_user(name);
    if (!entry) return invalid(can_not + "there is no such user");
    if (::initgroups(name.c_str(), entry->group) != 0 || ::setresgid(entry->group, entry->group, entry->group) != 0 ||
        ::setresuid(entry->user, entry->user, entry->user) != 0)
        return invalid(can_not + std::generic_category().message(errno));
    // There is one thread. NOLINTBEGIN(concurrency-mt-unsafe)
    ::setenv("HOME", entry->home.c_str(), 1);
    ::setenv("USER", name.c_str(), 1);
    ::setenv("LOGNAME", name.c_str(), 1);
    // NOLINTEND(concurrency-mt-unsafe)
    return {};
}

} // namespace rsf::base
