// SPDX-License-Identifier: Apache-2.0
#include "own_process.hpp"

#include "base/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace rsf::check {

namespace {

using Clock = std::chrono::steady_clock;

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

constexpr int ending_signals[] = {SIGHUP, SIGINT, SIGTERM};

volatile std::sig_atomic_t running_group = 0; // 0: none

// The terminal's Ctrl-C reaches only this process's own group.
void end_group_and_self(int signal) {
    if (running_group > 0) ::kill(-static_cast<pid_t>(running_group), SIGKILL);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

[[noreturn]] void run_child(int fd, pid_t parent, const std::function<void(const WriteLine &)> &work) {
    ::setpgid(0, 0);
    for (const int signal : ending_signals) ::signal(signal, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // when the tool is killed, nothing else ends this
    if (::getppid() != parent) ::_exit(1);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    work([fd](const std::string &line) { write_all(fd, line + "\n"); });
    write_all(fd, "\n"); // no line of work's is empty
    ::_exit(0);
}

// Whether work has written its last line.
bool is_whole(std::string_view text) { return text.ends_with("\n\n") || text == "\n"; }

// Reads until the pipe or the time ends. False: the time ended.
bool read_all(int fd, std::string &text, Clock::time_point until) {
    char buffer[4096];
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) return false;
        pollfd polled{fd, POLLIN, 0};
        const int ready = ::poll(&polled, 1, static_cast<int>(left.count()));
        if (ready <= 0) continue;
        const ssize_t size = ::read(fd, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return true;
        text.append(buffer, static_cast<std::size_t>(size));
        if (is_whole(text)) return true; // a process that the driver started may hold the pipe open
    }
}

bool ends_by(pid_t pid, Clock::time_point until) {
    const int ended = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (ended < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
    int ready = 0;
    while (ready <= 0 && Clock::now() < until) {
        pollfd polled{ended, POLLIN, 0};
        ready = ::poll(&polled, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count()));
    }
    ::close(ended);
    return ready > 0;
}

std::string in_words(int status) {
    if (WIFSIGNALED(status)) return "it was ended by " + base::signal_in_words(WTERMSIG(status));
    return "it ended the process, with code " + std::to_string(WEXITSTATUS(status));
}

} // namespace

void end_with_children() {
    for (const int signal : ending_signals) ::signal(signal, end_group_and_self);
}

Ran run_in_own_process(const std::function<void(const WriteLine &)> &work, std::chrono::milliseconds limit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    const pid_t own = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) run_child(ends[1], own, work);
    ::setpgid(pid, pid);
    running_group = pid;
    ::close(ends[1]);
    std::string text;
    const Clock::time_point until = Clock::now() + limit;
    bool in_time = read_all(ends[0], text, until);
    ::close(ends[0]);
    const bool whole = is_whole(text);
    in_time = in_time && ends_by(pid, until); // the driver may have closed the pipe
    if (!in_time) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    ::kill(-pid, SIGKILL); // what it left behind
    running_group = 0;

    Ran ran;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end != at) ran.lines.push_back(text.substr(at, end - at));
        at = end == text.npos ? text.size() : end + 1;
    }
    if (!in_time)
        ran.end = "it did not end within " + std::to_string(limit.count() / 1000) + " s";
    else if (!whole)
        ran.end = in_words(status);
    return ran;
}

} // namespace rsf::check
