// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/child.hpp"

#include "kubectl/process/blocked_signals.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

namespace rsf::kubectl::process {

namespace {

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> result;
    result.reserve(texts.size() + 1);
    for (const std::string &text : texts) result.push_back(const_cast<char *>(text.c_str())); // execve changes none
    result.push_back(nullptr);
    return result;
}

// What the child does between fork and exec. It calls only what is safe after the fork of a process with threads
// (signal-safety(7)); all memory that it needs is allocated before.
class Beginning {
  public:
    Beginning(const Program &program, int output, int errors, int failed)
        : path_(program.path.c_str()), arguments_(pointers(program.arguments)),
          environment_(pointers(program.environment)), given_{program.standard_input, output, errors}, failed_(failed),
          parent_(::getpid()) {
        given_.insert(given_.end(), program.inherited.begin(), program.inherited.end());
    }

    [[noreturn]] void run() {
        begin();
        const int error = errno;
        static_cast<void>(!::write(failed_, &error, sizeof error));
        ::_exit(127);
    }

  private:
    void begin() {
        // First this, then the check below: a parent that ended in between has another process id.
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return;
        if (::getppid() != parent_) ::_exit(127);
        if (::setpgid(0, 0) < 0) return;
        // No signal is blocked, each has its default action: Go programs die of SIGPIPE as they should.
        for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
        sigset_t none;
        ::sigemptyset(&none);
        if (const int error = ::pthread_sigmask(SIG_SETMASK, &none, nullptr); error != 0) {
            errno = error;
            return;
        }
        if (!put_in_place()) return;
        if (::chdir("/") < 0) return;
        ::execve(path_, arguments_.data(), environment_.data());
    }

    // First copies all of them above their final numbers, so that no dup2() overwrites one that is still needed.
    bool put_in_place() {
        if (given_[0] < 0 && (given_[0] = ::open("/dev/null", O_RDONLY)) < 0) return false;
        const int count = static_cast<int>(given_.size());
        const int failed = ::fcntl(failed_, F_DUPFD_CLOEXEC, count);
        if (failed < 0) return false;
        failed_ = failed;
        for (int &given : given_)
            if (given = ::fcntl(given, F_DUPFD_CLOEXEC, count); given < 0) return false;
        for (int at = 0; at < count; ++at)
            if (::dup2(given_[static_cast<std::size_t>(at)], at) < 0) return false;
        // Closes descriptors of the host that were opened without O_CLOEXEC. The pipe to the parent is closed by exec.
        if (failed_ > count && ::close_range(static_cast<unsigned>(count), static_cast<unsigned>(failed_) - 1, 0) < 0)
            return false;
        return ::close_range(static_cast<unsigned>(failed_) + 1, ~0U, 0) == 0;
    }

    const char *path_;
    std::vector<char *> arguments_, environment_;
    std::vector<int> given_; // become 0, 1, 2 and so on
    int failed_;
    pid_t parent_;
};

// The errno that the child wrote when it could not start its program; 0 when it could.
int read_failure(const FileDescriptor &pipe) {
    int error = 0;
    ssize_t size;
    do size = ::read(pipe.get(), &error, sizeof error);
    while (size < 0 && errno == EINTR);
    return size == sizeof error ? error : 0;
}

pid_t start(const Program &program, int output, int errors) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw_errno("pipe2");
    FileDescriptor result(ends[0]), failed(ends[1]);
    Beginning beginning(program, output, errors, failed.get());
    pid_t pid;
    int fork_error;
    {
        const BlockedSignals blocked; // a handler of the host's must not run in the child
        pid = ::fork();
        if (pid == 0) beginning.run();
        fork_error = errno;
    }
    if (pid < 0) throw_errno("fork", fork_error);
    failed.close();
    const int error = read_failure(result);
    if (error == 0) return pid;
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw_errno("execve", error);
}

} // namespace

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw_errno("pipe2");
    FileDescriptor read(ends[0]), write(ends[1]);
    if (::fcntl(read.get(), F_SETFL, O_NONBLOCK) < 0) throw_errno("fcntl");
    return {std::move(read), std::move(write)};
}

Child::Child(const Program &program, int output, int errors)
    : pid_(start(program, output, errors)), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))) {
    if (ended_) return;
    const int error = errno;
    reap();
    throw_errno("pidfd_open", error);
}

Child::~Child() {
    if (pid_ > 0) reap();
}

void Child::signal_group(int signal) const {
    if (pid_ > 0) ::kill(-pid_, signal);
}

bool Child::reap(siginfo_t *status) {
    siginfo_t ignored{};
    signal_group(SIGKILL);
    int waited;
    do waited = ::waitid(P_PID, static_cast<id_t>(pid_), status ? status : &ignored, WEXITED);
    while (waited < 0 && errno == EINTR);
    pid_ = -1;
    return waited == 0;
}

} // namespace rsf::kubectl::process
