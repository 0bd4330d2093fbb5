// SPDX-License-Identifier: Apache-2.0
//
// Whether a connection waits for its client, since when, and who may end that: the connection, which goes on, or whoever needs
// its place. Thread-safe: both may try at the same moment, and one of them wins.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rsf::daemon {

class Waiting {
  public:
    using Clock = std::chrono::steady_clock;
    enum class For { request, rest }; // nothing has come yet; something has, but no whole head, or its end is waited for

    // One moment's state.
    struct Seen {
        std::int64_t word = 0;
        bool waits() const { return word > 0; }
        For what() const { return word & 1 ? For::rest : For::request; }
        Clock::time_point since() const { return Clock::time_point(Clock::duration(word & ~std::int64_t{1})); }
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

  private:
    static constexpr std::int64_t claimed = -1;
    // Nanoseconds, the last bit of which says for what; the clock began long before.
    static std::int64_t word_of(Clock::time_point since, For what) {
        return (since.time_since_epoch().count() & ~std::int64_t{1}) | (what == For::rest ? 1 : 0);
    }

    std::atomic<std::int64_t> word_ = 0; // 0: it does not wait
};

} // namespace rsf::daemon
