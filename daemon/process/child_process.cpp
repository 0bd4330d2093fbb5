// SPDX-License-Identifier: Apache-2.0
#include "process/child_process.hpp"

#include "base/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace rsf::process {

namespace {

// Variables of systemd that are for the daemon alone: its watchdog, its sockets, its credentials.
constexpr std::array<std::string_view, 8> withheld{
    "NOTIFY_SOCKET=", "WATCHDOG_PID=",   "WATCHDOG_USEC=",         "LISTEN_PID=",
    "LISTEN_FDS=",    "LISTEN_FDNAMES=", "CREDENTIALS_DIRECTORY=", "JOURNAL_STREAM="};

std::atomic<std::uint64_t> given_descriptors = 0; // 0: as this process, whose own limit this is the counterpart of

// If it fails, the process keeps this one's limit, which is harmless.
void limit_descriptors(pid_t pid) {
    rlimit limit{};
    if (given_descriptors == 0 || ::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(given_descriptors, limit.rlim_max);
    ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr);
}

// KiB that mimalloc reserves at once, as in Debian 12. In Debian 13 it reserves a gibibyte at its start, most of which is never
// touched; the kernel counts all of it as data, which exceeds usual limits. If the operator has set the variable, that value
// counts, since the first one of a name is found.
char taken_at_once[] = "MIMALLOC_ARENA_RESERVE=32768";

std::vector<char *> environment_for_child() {
    std::vector<char *> kept;
    for (char **entry = environ; *entry; ++entry) {
        const std::string_view text = *entry;
        bool keep = true;
        for (const std::string_view word : withheld) keep = keep && !text.starts_with(word);
        if (keep) kept.push_back(*entry);
    }
    kept.push_back(taken_at_once);
    kept.push_back(nullptr);
    return kept;
}

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> result;
    for (const std::string &text : texts) result.push_back(const_cast<char *>(text.c_str())); // exec changes none
    result.push_back(nullptr);
    return result;
}

Error failed(const char *what, int error) {
    return unavailable(std::string("a process for the driver can't be started: ") + what + ": " +
                       std::generic_category().message(error));
}

class Actions {
  public:
    Actions() { ::posix_spawn_file_actions_init(&actions_); }
    Actions(const Actions &) = delete;
    Actions &operator=(const Actions &) = delete;
    ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void put(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
    void open_null(int as) { ::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDONLY, 0); }
    void close_from(int first) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
    const posix_spawn_file_actions_t *get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

// In a process group of its own, where a terminal's signals do not reach it; with no signal blocked or ignored.
class Attributes {
  public:
    Attributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t set;
        ::sigemptyset(&set);
        ::posix_spawnattr_setsigmask(&attributes_, &set);
        ::sigfillset(&set);
        ::posix_spawnattr_setsigdefault(&attributes_, &set);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t *get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

constexpr std::chrono::seconds time_to_die{10}; // of a process that was killed
constexpr std::chrono::milliseconds between_looks{100};

// A thread that made this process its tracer (PTRACE_TRACEME) stays, when it ends, until this process waits for it. Until then
// its process does not end either: no descriptor and no waitid() for the process tells of it (ptrace(2), "Death under ptrace").
void reap_traced_threads(pid_t pid) {
    std::error_code failed; // it has ended
    std::filesystem::directory_iterator task("/proc/" + std::to_string(pid) + "/task", failed), end;
    for (; !failed && task != end; task.increment(failed)) {
        const pid_t thread = static_cast<pid_t>(std::atoi(task->path().filename().c_str()));
        siginfo_t status{};
        if (thread > 0 && thread != pid) ::waitid(P_PID, static_cast<id_t>(thread), &status, WEXITED | WNOHANG | __WALL);
    }
}

std::string in_words(const siginfo_t &status) {
    if (status.si_code == CLD_EXITED && status.si_status == ChildProcess::lost_daemon)
        return "closed its connection to the daemon";
    if (status.si_code == CLD_EXITED) return "ended its own process with exit code " + std::to_string(status.si_status);
    return "was ended by " + signal_in_words(status.si_status);
}

} // namespace

Result<ChildProcess> ChildProcess::start(const std::string &program, const std::vector<std::string> &arguments,
                                         const Given &given) {
    // First duplicates all of them above their final numbers, so that no dup2() overwrites one that is still needed.
    std::array<FileDescriptor, 3> raised;
    std::array<int, 3> from{given.output, given.control, given.library};
    for (std::size_t i = 0; i < from.size(); ++i) {
        raised[i] = FileDescriptor(::fcntl(from[i], F_DUPFD_CLOEXEC, library + 1));
        if (!raised[i]) return failed("fcntl", errno);
    }
    Actions actions;
    actions.open_null(STDIN_FILENO);
    actions.put(raised[0].get(), STDOUT_FILENO);
    actions.put(raised[0].get(), STDERR_FILENO);
    actions.put(raised[1].get(), control);
    actions.put(raised[2].get(), library);
    actions.close_from(library + 1);
    const Attributes attributes;
    const std::vector<char *> argument_pointers = pointers(arguments);
    const std::vector<char *> environment = environment_for_child();
    pid_t pid = -1;
    if (const int error =
            ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), argument_pointers.data(), environment.data());
        error != 0)
        return failed(program.c_str(), error);
    limit_descriptors(pid); // before greeting it opens nothing
    FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int error = errno;
    ChildProcess child(pid, std::move(ended));
    if (!child.ended_) return failed("pidfd_open", error);
    return child;
}

void ChildProcess::give_descriptors(std::uint64_t count) { given_descriptors = count; }

ChildProcess::ChildProcess(pid_t pid, FileDescriptor ended) : pid_(pid), ended_(std::move(ended)) {}

ChildProcess::ChildProcess(ChildProcess &&other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(std::move(other.ended_)) {}

ChildProcess::~ChildProcess() {
    if (pid_ < 0) return;
    kill();
    reap();
}

// By the descriptor as well: a process may leave its group.
void ChildProcess::kill() const {
    if (pid_ <= 0) return;
    ::syscall(SYS_pidfd_send_signal, ended_.get(), SIGKILL, nullptr, 0);
    ::kill(-pid_, SIGKILL);
}

bool ChildProcess::wait() const {
    const auto until = std::chrono::steady_clock::now() + time_to_die;
    for (;;) {
        pollfd polled{ended_.get(), POLLIN, 0};
        const int ready = ::poll(&polled, 1, static_cast<int>(between_looks.count()));
        if (ready > 0) return true;
        if (ready == 0) reap_traced_threads(pid_);
        if (std::chrono::steady_clock::now() >= until) return false;
    }
}

std::string ChildProcess::reap() {
    siginfo_t status{};
    int waited;
    if (!wait()) {
        pid_ = -1;
        return "does not end, even by signal 9 (Killed), and was left behind";
    }
    kill(); // processes that it left behind; the number is not reused yet
    do waited = ::waitid(P_PID, static_cast<id_t>(pid_), &status, WEXITED);
    while (waited < 0 && errno == EINTR);
    pid_ = -1;
    return waited == 0 ? in_words(status) : "ended";
}

} // namespace rsf::process
