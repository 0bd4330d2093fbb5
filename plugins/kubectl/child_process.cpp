// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

namespace rsf::kubectl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{50};

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
        if (ready < 0 && errno != EINTR) throw_errno("poll");
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

Ending run(const Program &program, const Bounds &bounds, const std::function<void()> &started) {
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    Ending ending;
    std::optional<Child> child;
    try {
        child.emplace(program, output.write.get(), errors.write.get());
    } catch (const std::system_error &error) {
        ending.how = Ending::How::not_started;
        ending.value = error.code().value();
        return ending;
    }
    output.write.close();
    errors.write.close();
    if (started) started();
    Watch watch(*child, {std::move(output.read), &ending.output, bounds.output},
                {std::move(errors.read), &ending.errors, bounds.errors}, bounds, ending);
    watch.until_ended();

    siginfo_t status{};
    const bool known = child->reap(&status);
    if (ending.how != Ending::How::unknown || !known) return ending;
    ending.how = status.si_code == CLD_EXITED ? Ending::How::exited : Ending::How::signalled;
    ending.value = status.si_status;
    return ending;
}

} // namespace rsf::kubectl
