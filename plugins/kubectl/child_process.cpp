// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include "file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace rsf::kubectl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{50};

[[noreturn]] void fail(const char *what) { throw std::system_error(errno, std::generic_category(), what); }

struct Pipe {
    FileDescriptor read, write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) fail("pipe2");
    FileDescriptor read(ends[0]), write(ends[1]);
    if (::fcntl(read.get(), F_SETFL, O_NONBLOCK) < 0) fail("fcntl");
    return {raised(std::move(read)), raised(std::move(write))};
}

class FileActions {
  public:
    FileActions() { check(::posix_spawn_file_actions_init(&actions_)); }
    FileActions(const FileActions &) = delete;
    FileActions &operator=(const FileActions &) = delete;
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void put(int from, int to) { check(::posix_spawn_file_actions_adddup2(&actions_, from, to)); }
    void open_nothing(int at) { check(::posix_spawn_file_actions_addopen(&actions_, at, "/dev/null", O_RDONLY, 0)); }
    // Descriptors of the host that somebody opened without O_CLOEXEC end here.
    void close_from(int first) { check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }
    void change_directory(const char *path) { check(::posix_spawn_file_actions_addchdir_np(&actions_, path)); }
    const posix_spawn_file_actions_t *get() const { return &actions_; }

  private:
    static void check(int error) {
        if (error != 0) throw std::system_error(error, std::generic_category(), "posix_spawn_file_actions");
    }
    posix_spawn_file_actions_t actions_;
};

// A process group of its own, no signal blocked, every signal's default action (Go programs die of SIGPIPE as they should).
class Attributes {
  public:
    Attributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
    const posix_spawnattr_t *get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_;
};

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> result;
    result.reserve(texts.size() + 1);
    for (const std::string &text : texts) result.push_back(const_cast<char *>(text.c_str())); // posix_spawn changes none
    result.push_back(nullptr);
    return result;
}

// One running child. Until it is reaped its number, and that of its group, can't become another's.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
        if (!ended_) {
            const int error = errno;
            reap();
            throw std::system_error(error, std::generic_category(), "pidfd_open");
        }
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child() {
        if (pid_ > 0) reap();
    }

    int pidfd() const { return ended_.get(); }
    void signal_group(int signal) const { ::kill(-pid_, signal); }

    // Ends what is left of the group, then takes the status. False: somebody else had taken it.
    bool reap(siginfo_t *status = nullptr) {
        siginfo_t ignored{};
        signal_group(SIGKILL);
        int waited;
        do waited = ::waitid(P_PID, static_cast<id_t>(pid_), status ? status : &ignored, WEXITED);
        while (waited < 0 && errno == EINTR);
        pid_ = -1;
        return waited == 0;
    }

  private:
    pid_t pid_;
    FileDescriptor ended_; // readable once the child has ended
};

// The reading end of a pipe and what came through it.
struct Stream {
    FileDescriptor pipe;
    std::string *text;
    std::size_t limit;
    bool overflowed = false;

    // Reads what is there. At most a mebibyte in one go, so that a flood starves neither the other stream nor the clock.
    void read_some() {
        char buffer[65536];
        for (int i = 0; pipe && i < 16; ++i) {
            const ssize_t size = ::read(pipe.get(), buffer, sizeof buffer);
            if (size < 0 && errno == EINTR) continue;
            if (size < 0 && errno == EAGAIN) return;
            if (size <= 0) return pipe.close();
            const std::size_t kept = std::min(static_cast<std::size_t>(size), limit - text->size());
            text->append(buffer, kept);
            overflowed = overflowed || kept < static_cast<std::size_t>(size);
        }
    }
};

// Waits for the child's end and reads along. What stops it early is written to ending.how.
class Watch {
  public:
    Watch(Child &child, Stream output, Stream errors, const Bounds &bounds, Ending &ending)
        : child_(child), output_(std::move(output)), errors_(std::move(errors)), bounds_(bounds), ending_(ending) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(bounds.deadline - Clock::now());
        reserve_ = std::clamp(left / 5, std::chrono::milliseconds{0}, 2 * bounds.grace);
    }

    void until_ended() {
        while (!wait()) {
            if (!stopping_) look_for_reason_to_stop();
            if (stopping_ && !killed_ && Clock::now() >= kill_at_) {
                child_.signal_group(SIGKILL);
                killed_ = true;
            }
        }
        child_.signal_group(SIGKILL); // a grandchild may still fill the pipes
        drain(output_);
        drain(errors_);
        if (!stopping_ && output_.overflowed) ending_.how = Ending::How::too_much_output;
    }

  private:
    // One turn of waiting. True: the child has ended.
    bool wait() {
        pollfd polled[3] = {{child_.pidfd(), POLLIN, 0}, {output_.pipe.get(), POLLIN, 0}, {errors_.pipe.get(), POLLIN, 0}};
        const int ready = ::poll(polled, 3, static_cast<int>(tick.count()));
        if (ready < 0 && errno != EINTR) fail("poll");
        if (ready <= 0) return false;
        if (polled[1].revents != 0) output_.read_some();
        if (polled[2].revents != 0) errors_.read_some();
        return polled[0].revents != 0;
    }

    void look_for_reason_to_stop() {
        const Clock::time_point now = Clock::now();
        if (output_.overflowed)
            ending_.how = Ending::How::too_much_output;
        else if (now >= bounds_.deadline - reserve_)
            ending_.how = Ending::How::deadline;
        else if (bounds_.cancelled && bounds_.cancelled())
            ending_.how = Ending::How::cancelled;
        else
            return;
        stopping_ = true;
        kill_at_ = now + std::min(bounds_.grace, reserve_ / 2);
        child_.signal_group(SIGTERM);
    }

    // What the child left in the pipe. One that a process outside the group still fills is left alone soon.
    static void drain(Stream &stream) {
        for (int i = 0; stream.pipe && i < 4; ++i) stream.read_some();
        stream.pipe.close();
    }

    Child &child_;
    Stream output_, errors_;
    const Bounds &bounds_;
    Ending &ending_;
    std::chrono::milliseconds reserve_; // kept of the time for ending the child and answering
    Clock::time_point kill_at_;
    bool stopping_ = false, killed_ = false;
};

} // namespace

Ending run(const Program &program, const Bounds &bounds) {
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    FileActions actions;
    if (program.standard_input >= 0)
        actions.put(program.standard_input, 0);
    else
        actions.open_nothing(0);
    actions.put(output.write.get(), 1);
    actions.put(errors.write.get(), 2);
    if (program.inherited >= 0) actions.put(program.inherited, Program::inherited_at);
    actions.close_from(program.inherited >= 0 ? Program::inherited_at + 1 : Program::inherited_at);
    actions.change_directory("/");
    const Attributes attributes;

    Ending ending;
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, program.path.c_str(), actions.get(), attributes.get(),
                                    pointers(program.arguments).data(), pointers(program.environment).data());
    if (error != 0) {
        ending.how = Ending::How::not_started;
        ending.value = error;
        return ending;
    }
    Child child(pid);
    output.write.close();
    errors.write.close();
    Watch watch(child, {std::move(output.read), &ending.output, bounds.output},
                {std::move(errors.read), &ending.errors, bounds.errors}, bounds, ending);
    watch.until_ended();

    siginfo_t status{};
    const bool known = child.reap(&status);
    if (ending.how != Ending::How::unknown || !known) return ending;
    ending.how = status.si_code == CLD_EXITED ? Ending::How::exited : Ending::How::signalled;
    ending.value = status.si_status;
    return ending;
}

} // namespace rsf::kubectl
