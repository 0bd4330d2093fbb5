// SPDX-License-Identifier: Apache-2.0
#include "process/read_gate.hpp"

#include <algorithm>
#include <utility>

namespace rsf::process {

// A list is always admitted when it is the only one.
std::uint64_t ReadGate::expected(std::string_view query) const {
    const auto found = last_.find(query);
    return found == last_.end() ? bound_ / first_ones : std::min(found->second * copies, bound_);
}

std::unique_ptr<ReadGate::Pass> ReadGate::enter(std::string_view query, Clock::time_point until, const std::stop_token &stop) {
    return enter(
        query, [&]() REQUIRES(mutex_) { return expected(query); }, until, stop);
}

std::unique_ptr<ReadGate::Pass> ReadGate::enter_plan(std::uint64_t bytes, Clock::time_point until, const std::stop_token &stop) {
    return enter(
        {}, [&] { return std::min(bytes * plan_copies, bound_); }, until, stop);
}

std::unique_ptr<ReadGate::Pass> ReadGate::enter(std::string_view query, const std::function<std::uint64_t()> &expected,
                                                Clock::time_point until, const std::stop_token &stop) {
    shared::Lock lock(mutex_);
    std::uint64_t wanted = 0;
    const bool is_let_in = changed_.wait_until(lock, stop, until, [&]() REQUIRES(mutex_) {
        wanted = expected();
        return wanted <= bound_ - taken_;
    });
    if (!is_let_in) return nullptr;
    auto pass = std::make_unique<Pass>(*this, std::string(query), wanted);
    taken_ += wanted;
    return pass;
}

ReadGate::Pass::~Pass() {
    {
        const shared::Lock lock(gate_.mutex_);
        gate_.taken_ -= counted_;
        if (made_ != unknown) {
            if (gate_.last_.size() >= most_queries) gate_.last_.clear();
            gate_.last_[query_] = made_;
        }
    }
    gate_.changed_.notify_all();
}

} // namespace rsf::process
