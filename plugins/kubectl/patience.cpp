// SPDX-License-Identifier: Apache-2.0
#include "patience.hpp"

#include <algorithm>
#include <string>
#include <thread>

namespace rsf::kubectl {

using std::chrono::milliseconds;

// A little of the call's time is kept for answering before its deadline.
Patience::Patience(const Call &call, milliseconds request) : call_(&call) {
    const Clock::duration left = call.deadline() - Clock::now();
    until_ = call.deadline() - std::clamp<Clock::duration>(left / 10, Clock::duration::zero(), milliseconds(100));
    if (request.count() > 0) until_ = std::min(until_, Clock::now() + request);
}

int Patience::poll_time() const {
    const auto rest = std::chrono::ceil<milliseconds>(left());
    return static_cast<int>(std::clamp(rest, milliseconds(1), tick).count());
}

void Patience::check(const char *effect) const {
    if (left() <= Clock::duration::zero())
        throw Error(Code::timeout, std::string("The cluster did not answer in time.") + effect, Retry::later);
    if (call_ && call_->cancelled()) throw Error(Code::cancelled, std::string("The call was cancelled.") + effect);
}

void Patience::wait(milliseconds time) const {
    const Clock::time_point end = Clock::now() + time;
    for (check(); Clock::now() < end; check())
        std::this_thread::sleep_for(std::min<Clock::duration>({end - Clock::now(), tick, std::max(left(), Clock::duration(1))}));
}

} // namespace rsf::kubectl
