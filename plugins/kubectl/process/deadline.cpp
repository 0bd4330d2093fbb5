// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/deadline.hpp"

#include <poll.h>

#include <algorithm>
#include <limits>
#include <string>

namespace rsf::kubectl::process {

using std::chrono::milliseconds;

namespace {

// As poll(2) takes it: at least 1, so that a wait does not spin through its last fraction of a millisecond.
int poll_time_to(Deadline::Clock::time_point end) {
    constexpr milliseconds most{std::numeric_limits<int>::max()};
    const Deadline::Clock::duration left = end - Deadline::Clock::now();
    if (left >= most) return static_cast<int>(most.count());
    return static_cast<int>(std::max(std::chrono::ceil<milliseconds>(left), milliseconds(1)).count());
}

} // namespace

// A little of the call's time is kept for answering before its deadline.
Deadline::Deadline(const Call &call, milliseconds request) : call_(&call) {
    const Clock::duration left = call.deadline() - Clock::now();
    until_ = call.deadline() - std::clamp<Clock::duration>(left / 10, Clock::duration::zero(), milliseconds(100));
    if (request.count() > 0) until_ = std::min(until_, Clock::now() + request);
}

Deadline::Clock::time_point Deadline::next_check() const {
    return call_ || stops_.front() ? std::min(until_, Clock::now() + tick) : until_;
}

int Deadline::milliseconds_to_check() const { return poll_time_to(next_check()); }

bool Deadline::is_over() const {
    return (call_ && call_->cancelled()) || left() <= Clock::duration::zero() ||
           std::any_of(stops_.begin(), stops_.end(), [](const Event *stop) { return stop && stop->is_set(); });
}

void Deadline::check(const char *effect) const {
    const Effect known = *effect ? Effect::unknown : Effect::known;
    if (left() <= Clock::duration::zero())
        throw with_effect(known, {Code::timeout, std::string("The cluster did not answer in time.") + effect, Retry::later});
    if (is_over()) throw with_effect(known, {Code::cancelled, std::string("The call was cancelled.") + effect});
}

// Whether the descriptor is ready before end, and before it is over. A negative descriptor never is.
bool Deadline::poll_until(int descriptor, short events, Clock::time_point end) const {
    std::array<pollfd, 3> polled{pollfd{descriptor, events, 0}, pollfd{-1, POLLIN, 0}, pollfd{-1, POLLIN, 0}};
    for (std::size_t i = 0; i < stops_.size(); ++i)
        if (stops_[i]) polled[i + 1].fd = stops_[i]->descriptor();
    end = std::min(end, until_);
    while (!is_over() && Clock::now() < end) {
        const Clock::time_point look = call_ ? std::min(end, Clock::now() + tick) : end;
        const int ready = ::poll(polled.data(), polled.size(), poll_time_to(look));
        if (ready != 0 && (ready < 0 || polled[0].revents != 0)) return true; // what failed shows at the next try
    }
    return false;
}

bool Deadline::wait_until_ready(int descriptor, short events) const { return poll_until(descriptor, events, until_); }

void Deadline::wait(milliseconds time, const char *effect) const {
    const Clock::time_point end = Clock::now() + time;
    for (check(effect); Clock::now() < end; check(effect)) static_cast<void>(poll_until(-1, 0, end));
}

} // namespace rsf::kubectl::process
