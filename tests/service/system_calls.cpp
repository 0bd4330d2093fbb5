// SPDX-License-Identifier: Apache-2.0
#include "system_calls.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>

namespace rsf::test {

namespace {

class Filter {
  public:
    explicit Filter(std::uint32_t otherwise) : context_(::seccomp_init(otherwise)) {
        if (!context_) throw std::runtime_error("seccomp_init failed");
    }
    Filter(const Filter &) = delete;
    Filter &operator=(const Filter &) = delete;
    ~Filter() { ::seccomp_release(context_); }

    // Calls that this machine's kernel or library does not know are left out, as systemd leaves them out.
    void add(std::uint32_t action, const std::string &name, std::vector<scmp_arg_cmp> when = {}) {
        const int number = ::seccomp_syscall_resolve_name(name.c_str());
        if (number == __NR_SCMP_ERROR) return;
        const int failed = ::seccomp_rule_add_array(context_, action, number, static_cast<unsigned>(when.size()), when.data());
        if (failed != 0 && failed != -EDOM) throw_errno(name, -failed);
    }
    void refuse(const std::string &name, std::vector<scmp_arg_cmp> when = {}, int error = EPERM) {
        add(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), name, std::move(when));
    }
    void load() const {
        if (const int failed = ::seccomp_load(context_); failed != 0) throw_errno("seccomp_load", -failed);
    }

  private:
    [[noreturn]] static void throw_errno(const std::string &what, int error) {
        throw std::runtime_error(what + ": " + std::generic_category().message(error));
    }
    scmp_filter_ctx context_;
};

scmp_arg_cmp has_bits(unsigned argument, std::uint64_t bits) { return {argument, SCMP_CMP_MASKED_EQ, bits, bits}; }
scmp_arg_cmp is(unsigned argument, scmp_compare how, std::uint64_t value) { return {argument, how, value, 0}; }

void restrict_memory() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.refuse("mmap", {has_bits(2, PROT_EXEC | PROT_WRITE)});
    filter.refuse("mprotect", {has_bits(2, PROT_EXEC)});
    filter.refuse("pkey_mprotect", {has_bits(2, PROT_EXEC)});
    filter.refuse("shmat", {has_bits(2, SHM_EXEC)});
    filter.load();
}

void restrict_namespaces() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.refuse("clone3", {}, ENOSYS); // its flags are out of a filter's sight; libraries go back to clone
    filter.refuse("setns");
    for (const std::uint64_t kind :
         {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS}) {
        filter.refuse("unshare", {has_bits(0, kind)});
        filter.refuse("clone", {has_bits(0, kind)});
    }
    filter.load();
}

void restrict_address_families(const std::vector<std::string> &names) {
    const std::map<std::string, unsigned> known{{"AF_UNIX", AF_UNIX}, {"AF_INET", AF_INET}, {"AF_INET6", AF_INET6}};
    std::set<unsigned> allowed;
    for (const std::string &name : names) allowed.insert(known.at(name));
    Filter filter(SCMP_ACT_ALLOW);
    filter.refuse("socket", {is(0, SCMP_CMP_GT, *allowed.rbegin())}, EAFNOSUPPORT);
    for (unsigned family = 0; family < *allowed.rbegin(); ++family)
        if (!allowed.contains(family)) filter.refuse("socket", {is(0, SCMP_CMP_EQ, family)}, EAFNOSUPPORT);
    filter.load();
}

void restrict_suid_sgid() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.refuse("openat2", {}, ENOSYS); // as clone3
    for (const std::uint64_t bit : {S_ISUID, S_ISGID}) {
        for (const char *name : {"chmod", "fchmod", "mkdir", "mknod", "creat"}) filter.refuse(name, {has_bits(1, bit)});
        for (const char *name : {"fchmodat", "fchmodat2", "mkdirat", "mknodat"}) filter.refuse(name, {has_bits(2, bit)});
        filter.refuse("open", {has_bits(1, O_CREAT), has_bits(2, bit)});
        filter.refuse("openat", {has_bits(2, O_CREAT), has_bits(3, bit)});
    }
    filter.load();
}

void restrict_realtime() {
    Filter filter(SCMP_ACT_ALLOW);
    for (const std::uint64_t policy : {SCHED_FIFO, SCHED_RR, SCHED_DEADLINE})
        filter.refuse("sched_setscheduler", {is(1, SCMP_CMP_EQ, policy)});
    filter.load();
}

void lock_personality() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.refuse("personality", {is(0, SCMP_CMP_NE, 0)});
    filter.load();
}

// The first line says whether calls are refused unless they are listed, or the other way round (systemd.exec(5)).
void filter_system_calls(const UnitFile &unit) {
    if (unit.value("SystemCallErrorNumber") != "EPERM" || unit.value("SystemCallArchitectures") != "native")
        throw std::runtime_error("another refusal than EPERM, or another architecture than this, is not understood here");
    std::set<std::string> allowed;
    const auto take = [&](std::string_view line) {
        const bool refused = line.starts_with('~');
        for (const std::string &word : words_of(line.substr(refused ? 1 : 0)))
            for (const std::string &name : system_calls_of(word))
                refused ? void(allowed.erase(name)) : void(allowed.insert(name));
    };
    const std::vector<std::string> lines = unit.values("SystemCallFilter");
    if (lines.empty() || lines.front().starts_with('~'))
        throw std::runtime_error("SystemCallFilter= has to list what is allowed");
    for (const std::string &line : lines) take(line);
    take("@default");
    // Every other architecture's calls end the process: libseccomp's own choice, as well as systemd's.
    Filter filter(SCMP_ACT_ERRNO(EPERM));
    for (const std::string &name : allowed) filter.add(SCMP_ACT_ALLOW, name);
    filter.load();
}

} // namespace

std::vector<std::string> system_calls_of(const std::string &name) {
    if (!name.starts_with('@')) return {name};
    const std::string command = "systemd-analyze syscall-filter " + name;
    std::FILE *const listing = ::popen(command.c_str(), "r");
    std::string text;
    std::array<char, 4096> some{};
    while (listing && std::fgets(some.data(), static_cast<int>(some.size()), listing)) {
        const std::string line(some.data());
        if (line.find('#') == std::string::npos) text += line;
    }
    if (!listing || ::pclose(listing) != 0) throw std::runtime_error("'" + command + "' failed");
    std::vector<std::string> calls;
    for (const std::string &word : words_of(text)) {
        if (word == name) continue; // the heading
        const std::vector<std::string> below = system_calls_of(word);
        calls.insert(calls.end(), below.begin(), below.end());
    }
    return calls;
}

void restrict_system_calls(const UnitFile &unit) {
    if (unit.is_yes("MemoryDenyWriteExecute")) restrict_memory();
    if (unit.is_yes("RestrictNamespaces")) restrict_namespaces();
    if (unit.is_yes("RestrictSUIDSGID")) restrict_suid_sgid();
    if (unit.is_yes("RestrictRealtime")) restrict_realtime();
    if (unit.is_yes("LockPersonality")) lock_personality();
    restrict_address_families(unit.words("RestrictAddressFamilies"));
    filter_system_calls(unit); // last, since it refuses the loading of filters
}

} // namespace rsf::test
