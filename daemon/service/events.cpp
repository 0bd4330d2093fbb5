// SPDX-License-Identifier: Apache-2.0
#include "service/events.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace rsf::service {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int pause_ms = 100; // after a request that could not be taken, as when no descriptor is free

// As poll(2) takes it: 0 only when until has passed.
int poll_time_to(Clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, std::numeric_limits<int>::max()));
}

} // namespace

bool end_is_asked() {
    sigset_t pending;
    sigemptyset(&pending);
    return ::sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

Events::Events() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    signals_ = FileDescriptor(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) throw std::system_error(errno, std::generic_category(), "no descriptor for signals");
}

Events::Event Events::wait() { return std::move(*wait_for_one(std::nullopt)); }

std::optional<Events::Event> Events::wait_until(Clock::time_point until) { return wait_for_one(until); }

std::optional<Events::Event> Events::wait_for_one(std::optional<Clock::time_point> until) {
    bool attends = true;
    for (;;) {
        const int left = until ? poll_time_to(*until) : -1;
        if (left == 0) return std::nullopt;
        const int asked = control_ && attends ? control_->descriptor() : -1;
        std::array<pollfd, 2> both{pollfd{signals_.get(), POLLIN, 0}, pollfd{asked, POLLIN, 0}};
        ::poll(both.data(), both.size(),
               attends ? left
               : until ? std::min(left, pause_ms)
                       : pause_ms); // an error here shows again below
        signalfd_siginfo received{};
        if (::read(signals_.get(), &received, sizeof received) == sizeof received)
            return Event(Signal{static_cast<int>(received.ssi_signo)});
        attends = true;
        if (both[1].revents == 0) continue;
        if (std::optional<ControlRequest> request = control_->receive()) return Event(std::move(*request));
        attends = false;
    }
}

} // namespace rsf::service
