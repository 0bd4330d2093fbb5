// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/child_process.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

namespace rsf::kubectl::process {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{50}; // how often Bounds::cancelled is asked

// The reading end of a pipe and what was read from it.
struct Stream {
    FileDescriptor pipe;
    std::string *text;
    std::size_t limit;
    bool overflowed = false;

    // Reads what is there, at most a mebibyte: a program that writes without end delays neither the other stream nor the
    // deadline.
    void read_some() {
        char buffer[65536];
        for (int i = 0; pipe && i < 16; ++i) {
            const std::size_t size = read_available(pipe, buffer);
            if (size == 0) return;
            const std::size_t kept = std::min(size, limit - text->size());
            text->append(buffer, kept);
            overflowed = overflowed || kept < size;
        }
    }
};

// Reads the output until the child ends. Why it was ended early is written to ending.how.
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
        const int stop = bounds_.stop && !stopping_ ? bounds_.stop->descriptor() : -1;
        pollfd polled[4] = {
            {child_.pidfd(), POLLIN, 0}, {output_.pipe.get(), POLLIN, 0}, {errors_.pipe.get(), POLLIN, 0}, {stop, POLLIN, 0}};
        const int ready = ::poll(polled, 4, time_to_next_step());
        if (ready < 0 && errno != EINTR) throw_errno("poll");
        if (ready <= 0) return false;
        if (polled[1].revents != 0) output_.read_some();
        if (polled[2].revents != 0) errors_.read_some();
        return polled[0].revents != 0;
    }

    // The timeout for poll(2): until SIGTERM, SIGKILL or the next call of cancelled(). None once it is killed.
    int time_to_next_step() const {
        if (killed_) return -1;
        const Clock::time_point now = Clock::now();
        Clock::time_point next = stopping_ ? kill_at_ : bounds_.deadline - reserve_;
        if (!stopping_ && bounds_.cancelled) next = std::min(next, now + tick);
        constexpr Clock::duration longest = std::chrono::hours(24); // an int of milliseconds has room for it
        const Clock::duration left = std::clamp(next - now, Clock::duration::zero(), longest);
        return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }

    void look_for_reason_to_stop() {
        const Clock::time_point now = Clock::now();
        if (output_.overflowed)
            ending_.how = Ending::How::too_much_output;
        else if (now >= bounds_.deadline - reserve_)
            ending_.how = Ending::How::deadline;
        else if ((bounds_.cancelled && bounds_.cancelled()) || (bounds_.stop && bounds_.stop->is_set()))
            ending_.how = Ending::How::cancelled;
        else
            return;
        stopping_ = true;
        kill_at_ = now + std::min(bounds_.grace, reserve_ / 2);
        child_.signal_group(SIGTERM);
    }

    // What the child left in the pipe. A process outside the group may still write to it: reading stops after a few turns.
    static void drain(Stream &stream) {
        for (int i = 0; stream.pipe && i < 4; ++i) stream.read_some();
        stream.pipe.close();
    }

    Child &child_;
    Stream output_, errors_;
    const Bounds &bounds_;
    Ending &ending_;
    std::chrono::milliseconds reserve_; // of the time, for ending the child and answering
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

} // namespace rsf::kubectl::process
