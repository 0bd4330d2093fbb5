// SPDX-License-Identifier: Apache-2.0
#include "support/daemon_process.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace rsf::test {

namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
        read = ends[0];
        write = ends[1];
    }
    int read, write;
};

int spawn(const std::vector<std::string> &arguments, int out, int err, const Surroundings &surroundings = {}) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (surroundings.socket >= 0) posix_spawn_file_actions_adddup2(&actions, surroundings.socket, 3);
    std::vector<char *> argv;
    for (const std::string &argument : arguments) argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    std::vector<char *> all_variables; // the first of a name counts
    for (const std::string &variable : surroundings.variables) all_variables.push_back(const_cast<char *>(variable.c_str()));
    for (char **variable = environ; *variable; ++variable) all_variables.push_back(*variable);
    all_variables.push_back(nullptr);
    int pid = -1;
    const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), all_variables.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("can't start " + arguments[0]);
    return pid;
}

int exit_code_of(int pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool append_some(int fd, std::string &text) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

} // namespace

Ended run_program(const std::vector<std::string> &arguments) {
    const Pipe out;
    const Pipe err;
    const int pid = spawn(arguments, out.write, err.write);
    close(out.write);
    close(err.write);
    Ended ended;
    std::array<pollfd, 2> both{pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
    while (both[0].fd >= 0 || both[1].fd >= 0) {
        poll(both.data(), both.size(), -1);
        if (both[0].revents != 0 && !append_some(both[0].fd, ended.out)) both[0].fd = -1;
        if (both[1].revents != 0 && !append_some(both[1].fd, ended.err)) both[1].fd = -1;
    }
    close(out.read);
    close(err.read);
    ended.exit_code = exit_code_of(pid);
    return ended;
}

DaemonProcess::DaemonProcess(std::string_view targets, std::string_view more_settings, const Surroundings &surroundings) {
    address_ = "unix:" + (folder() / "socket").string();
    const bool activated = surroundings.socket >= 0;
    if (activated) listen_ = "systemd";
    write_settings(targets, more_settings);
    std::vector<std::string> arguments{TEST_BINARY_DIR "/bin/resourcifierd", "--settings", (folder() / "settings.yaml").string()};
    arguments.insert(arguments.end(), surroundings.arguments.begin(), surroundings.arguments.end());
    // $LISTEN_PID is the daemon's own, which only it knows before it is one.
    if (activated) arguments.insert(arguments.begin(), {"/bin/sh", "-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\""});
    const Pipe log;
    pid_ = spawn(arguments, -1, log.write, surroundings);
    close(log.write);
    log_fd_ = log.read;
    reader_ = std::thread([this] { read_log(); });
    try {
        wait_for_log("listening on");
        if (activated) {
            constexpr std::string_view said = "listening on ";
            const std::string text = DaemonProcess::log();
            const std::size_t at = text.find(said) + said.size();
            address_ = text.substr(at, text.find('\n', at) - at);
        }
    } catch (...) {
        wait();
        throw;
    }
}

DaemonProcess::~DaemonProcess() {
    if (pid_ > 0) {
        signal(SIGKILL);
        wait();
    }
}

void DaemonProcess::write_settings(std::string_view targets, std::string_view more_settings) const {
    write_file(folder() / "settings.yaml", "listen: [\"" + (listen_.empty() ? address_ : listen_) +
                                               "\"]\ndriver_path: [" TEST_BINARY_DIR "/drivers]\n" + std::string(more_settings) +
                                               "targets:\n" + std::string(targets));
}

std::string DaemonProcess::reload(std::string_view targets, std::string_view more_settings) {
    write_settings(targets, more_settings);
    std::unique_lock lock(mutex_);
    const std::size_t before = log_.size();
    signal(SIGHUP);
    // Both ends of a reload have the word in them.
    std::size_t at = log_.npos;
    changed_.wait(lock, [&] {
        at = log_.find("reloaded", before);
        return log_ended_ || (at != log_.npos && log_.find('\n', at) != log_.npos);
    });
    if (at == log_.npos) throw std::runtime_error("the daemon ended during a reload:\n" + log_);
    const std::size_t line = log_.rfind('\n', at) + 1;
    return log_.substr(line, log_.find('\n', at) - line);
}

HttpClient DaemonProcess::connect() const { return HttpClient(address_); }

void DaemonProcess::signal(int number) const { kill(pid_, number); }

int DaemonProcess::wait() {
    const int code = exit_code_of(pid_);
    pid_ = -1;
    if (reader_.joinable()) reader_.join();
    close(log_fd_);
    return code;
}

std::string DaemonProcess::log() const {
    const std::lock_guard lock(mutex_);
    return log_;
}

void DaemonProcess::wait_for_log(std::string_view text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return log_.find(text) != std::string::npos || log_ended_; });
    if (log_.find(text) == std::string::npos)
        throw std::runtime_error("the daemon ended without saying '" + std::string(text) + "':\n" + log_);
}

void DaemonProcess::read_log() {
    std::string some;
    while (append_some(log_fd_, some)) {
        const std::lock_guard lock(mutex_);
        log_ += some;
        some.clear();
        changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    log_ended_ = true;
    changed_.notify_all();
}

} // namespace rsf::test
