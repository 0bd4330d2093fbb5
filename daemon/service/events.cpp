// SPDX-License-Identifier: Apache-2.0
#include "service/events.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace rsf::service {

namespace {

constexpr int pause_ms = 100; // after a request that could not be taken, as when no descriptor is free

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

std::variant<Signal, ControlRequest> Events::wait() {
    bool attends = true;
    for (;;) {
        const int asked = control_ && attends ? control_->descriptor() : -1;
        std::array<pollfd, 2> both{pollfd{signals_.get(), POLLIN, 0}, pollfd{asked, POLLIN, 0}};
        ::poll(both.data(), both.size(), attends ? -1 : pause_ms); // what goes wrong here is met again below
        signalfd_siginfo received{};
        if (::read(signals_.get(), &received, sizeof received) == sizeof received)
            return Signal{static_cast<int>(received.ssi_signo)};
        attends = true;
        if (both[1].revents == 0) continue;
        if (std::optional<ControlRequest> request = control_->receive()) return std::move(*request);
        attends = false;
    }
}

} // namespace rsf::service
