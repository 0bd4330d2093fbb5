// SPDX-License-Identifier: Apache-2.0
#include "confinement.hpp"

#include "system_calls.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

namespace rsf::test {

namespace {

namespace fs = std::filesystem;

void must(bool done, const std::string &what) {
    if (!done) throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

// Of the service manager: when it starts and ends a service, and what it is for.
const std::set<std::string> manager = {"Type",       "NotifyAccess", "ExecStartPre",   "ExecStart", "ExecReload", "Restart",
                                       "RestartSec", "WatchdogSec",  "TimeoutStopSec", "KillMode",  "OOMPolicy"};
// Of cgroups, namespaces and keyrings, which only systemd makes; and what system calls that are refused anyway would be needed
// for.
const std::set<std::string> left_out = {"MemoryMax",       "TasksMax",          "IPAddressDeny",        "IPAddressAllow",
                                        "DevicePolicy",    "PrivateDevices",    "PrivateUsers",         "PrivateMounts",
                                        "RemoveIPC",       "KeyringMode",       "ProtectClock",         "ProtectControlGroups",
                                        "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
                                        "ProtectProc",     "ProcSubset"};
const std::set<std::string> applied = {
    "User", "Group", "UMask", "LimitNOFILE", "LimitCORE", "CapabilityBoundingSet", "AmbientCapabilities", "NoNewPrivileges",
    "SystemCallFilter", "SystemCallErrorNumber", "SystemCallArchitectures", "MemoryDenyWriteExecute", "RestrictNamespaces",
    "RestrictAddressFamilies", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
    // by confine_view()
    "ProtectSystem", "ProtectHome", "PrivateTmp", "NoExecPaths", "ExecPaths", "StateDirectory", "StateDirectoryMode",
    "CacheDirectory", "CacheDirectoryMode", "RuntimeDirectory", "RuntimeDirectoryMode", "RuntimeDirectoryPreserve"};

} // namespace

void check_directives(const UnitFile &unit) {
    for (const auto &[key, value] : unit.directives())
        if (!manager.contains(key) && !left_out.contains(key) && !applied.contains(key))
            throw std::runtime_error("what " + key + "= takes from a process is not known here; add it to confinement.cpp");
}

namespace {

// A container may have lower limits, which even its root can't raise.
void limit(const UnitFile &unit, std::string_view key, int resource) {
    rlimit now{};
    must(::getrlimit(static_cast<__rlimit_resource>(resource), &now) == 0, "getrlimit");
    const rlim_t most = std::min<rlim_t>(std::stoul(unit.value(key)), now.rlim_max);
    const rlimit both{most, most};
    must(::setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0, "setrlimit for " + std::string(key));
}

void drop_capabilities(const UnitFile &unit) {
    if (!unit.value("CapabilityBoundingSet").empty() || !unit.value("AmbientCapabilities").empty())
        throw std::runtime_error("a service that keeps capabilities is not understood here");
    for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        must(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "dropping a capability");
}

void become(uid_t user, gid_t group) {
    must(::setgroups(0, nullptr) == 0, "setgroups");
    must(::setresgid(group, group, group) == 0, "setresgid");
    must(::setresuid(user, user, user) == 0, "setresuid");
}

// ---- The view of the file system

void set_attributes(int tree, std::uint64_t set, std::uint64_t clear) {
    mount_attr attributes{};
    attributes.attr_set = set;
    attributes.attr_clr = clear;
    must(::syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0,
         "mount_setattr");
}

// Puts folder, with all that is mounted below it, over itself with other attributes.
void mount_over_itself(const fs::path &folder, std::uint64_t set, std::uint64_t clear) {
    const int tree =
        static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, folder.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    must(tree >= 0, "open_tree " + folder.string());
    set_attributes(tree, set, clear);
    must(::syscall(SYS_move_mount, tree, "", AT_FDCWD, folder.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0,
         "move_mount " + folder.string());
    if (folder == "/") must(::fchdir(tree) == 0 && ::chroot(".") == 0, "chroot"); // what "/" meant is below it
    ::close(tree);
}

// So that no mount of this process is one of anybody else's. "/" may be a folder inside a mount, after a chroot, of which only
// that mount's own root can be told: up to there, and back.
void make_mounts_private() {
    const int here = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    must(here >= 0 && ::chroot("/tmp") == 0 && ::fchdir(here) == 0, "leaving the root");
    struct stat below {
    }, above{};
    do {
        must(::stat(".", &below) == 0 && ::chdir("..") == 0 && ::stat(".", &above) == 0, "going up");
    } while (below.st_dev != above.st_dev || below.st_ino != above.st_ino);
    must(::chroot(".") == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "making mounts private");
    must(::fchdir(here) == 0 && ::chroot(".") == 0, "coming back to the root");
    ::close(here);
}

void hide(const char *folder, const char *mode) {
    if (fs::exists(folder)) must(::mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, mode) == 0, folder);
}

} // namespace

void confine_view(const UnitFile &unit, const fs::path &folder, const fs::path &place, const std::vector<fs::path> &writable) {
    if (unit.value("ProtectSystem") != "strict" || unit.value("NoExecPaths") != "/" || !unit.is_yes("PrivateTmp") ||
        !unit.is_yes("ProtectHome"))
        throw std::runtime_error("the unit's view of the file system is not understood here");
    must(::unshare(CLONE_NEWNS) == 0, "unshare");
    make_mounts_private();
    must(::mount(folder.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0, "mounting " + folder.string());
    mount_over_itself("/", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID, 0);
    for (std::string path : unit.words("ExecPaths")) {
        const bool optional = path.front() == '-';
        if (optional) path.erase(0, 1);
        if (!optional || fs::exists(path)) mount_over_itself(fs::canonical(path), 0, MOUNT_ATTR_NOEXEC);
    }
    for (const fs::path path : {"/dev", "/proc"}) mount_over_itself(path, 0, MOUNT_ATTR_RDONLY);
    for (const fs::path &path : writable) mount_over_itself(path, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_RDONLY);
    for (const char *home : {"/home", "/root", "/run/user"}) hide(home, "mode=0000");
    for (const char *temporary : {"/tmp", "/var/tmp"}) hide(temporary, "mode=1777");
    must(::chdir("/") == 0, "chdir");
}

void confine(const UnitFile &unit, uid_t user, gid_t group) {
    ::umask(static_cast<mode_t>(std::stoul(unit.value("UMask"), nullptr, 8)));
    limit(unit, "LimitNOFILE", RLIMIT_NOFILE);
    limit(unit, "LimitCORE", RLIMIT_CORE);
    if (::getuid() == 0) {
        drop_capabilities(unit);
        become(user, group);
    }
    if (unit.is_yes("NoNewPrivileges")) must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
    restrict_system_calls(unit);
}

} // namespace rsf::test
