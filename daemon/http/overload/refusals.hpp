// SPDX-License-Identifier: Apache-2.0
//
// How often the server turned clients away, for each limit, and a line in the log now and then of the limits that an operator
// sets for all clients together. Thread-safe.
#pragma once

#include "base/budget.hpp"
#include "base/log.hpp"
#include "http/problem.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rsf::http {

enum class Refused {
    connections,  // no place for a new connection
    displaced,    // a connection that waited for its client was evicted for another
    requests,     // too many under way
    bodies,       // the bodies of all take too much memory
    descriptors,  // the system had none for a new connection
    head_time,    // the head took too long
    request_time, // the body took too long
    response_time // the client took too long to read the answer
};

// The problem for a client that is turned away at a limit that all clients share.
inline Problem turned_away_for(Refused what) {
    switch (what) {
    case Refused::requests: return overloaded("The daemon has as many requests under way as it may have");
    case Refused::bodies: return overloaded(memory_is_taken);
    case Refused::descriptors: return overloaded("The daemon has as many files and connections open as the system lets it");
    default: return overloaded("The daemon has as many connections as it may have");
    }
}

class Refusals {
  public:
    static constexpr std::array<std::string_view, 8> names{"connections", "displaced", "requests",     "bodies",
                                                           "descriptors", "head_time", "request_time", "response_time"};
    using Counts = std::array<std::uint64_t, names.size()>; // in the order of Refused

    explicit Refusals(Log log) : log_(std::move(log)) {}

    void add(Refused why) {
        const auto index = static_cast<std::size_t>(why);
        const std::uint64_t count = ++counts_[index];
        if (why == Refused::connections || why == Refused::requests || why == Refused::bodies || why == Refused::descriptors)
            say(index, count);
    }

    Counts counts() const {
        Counts counts{};
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i];
        return counts;
    }

  private:
    // Once in ten seconds at most, so that a flood of clients makes no flood of lines.
    void say(std::size_t index, std::uint64_t count) {
        using namespace std::chrono;
        const std::int64_t now = duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
        std::int64_t last = said_at_[index];
        if ((last != 0 && now - last < 10) || !said_at_[index].compare_exchange_strong(last, now)) return;
        log_->warn("clients are turned away: {} are at their limit; {} turned away since the start", names[index], count);
    }

    const Log log_;
    std::array<std::atomic<std::uint64_t>, names.size()> counts_{};
    std::array<std::atomic<std::int64_t>, names.size()> said_at_{}; // seconds; 0: never
};

} // namespace rsf::http
