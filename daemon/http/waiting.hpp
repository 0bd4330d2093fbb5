// SPDX-License-Identifier: Apache-2.0
//
// Whether a connection waits for its client, since when, and who may end that: the connection, which goes on, or whoever needs
// its place. Thread-safe: both may try at the same moment, and one of them wins.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rsf::http {

class Waiting {
    static constexpr std::int64_t what_bits = 3;

  public:
    using Clock = std::chrono::steady_clock;
    // For a request: nothing has come yet. For the rest: of a head, or of what is thrown away. For a transfer: of a body, or of
    // an answer that the client is to take; since it last moved on by some amount.
    enum class For { request, rest, transfer };

    // One moment's state.
    struct Seen {
        std::int64_t word = 0;
        bool waits() const { return word > 0; }
        For what() const { return static_cast<For>(word & what_bits); }
        Clock::time_point since() const { return Clock::time_point(Clock::duration(word & ~what_bits)); }
    };

    // [its own connection]
    void begin(For what, Clock::time_point since) {
        const std::int64_t word = word_of(since, what);
        std::int64_t before = word_;
        while (before != claimed && !word_.compare_exchange_weak(before, word)) {
        }
    }
    // False: it was claimed, and its connection ends.
    bool end() {
        std::int64_t before = word_;
        while (before != claimed && !word_.compare_exchange_weak(before, 0)) {
        }
        return before != claimed;
    }
    bool is_claimed() const { return word_ == claimed; }

    // [any thread]
    Seen look() const { return {word_}; }
    // Whether it still was as seen, and is the caller's to be closed now.
    bool claim(Seen seen) { return seen.waits() && word_.compare_exchange_strong(seen.word, claimed); }
    // After a claim of which nothing comes.
    void give_back(Seen seen) { word_ = seen.word; }

  private:
    static constexpr std::int64_t claimed = -1;
    // Nanoseconds, the last two bits of which say for what; the clock began long before.
    static std::int64_t word_of(Clock::time_point since, For what) {
        return (since.time_since_epoch().count() & ~what_bits) | static_cast<std::int64_t>(what);
    }

    std::atomic<std::int64_t> word_ = 0; // 0: it does not wait
};

} // namespace rsf::http
