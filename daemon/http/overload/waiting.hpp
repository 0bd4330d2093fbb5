// SPDX-License-Identifier: Apache-2.0
//
// Whether a connection waits for its client, and since when. Either the connection ends the wait, and goes on, or a thread claims
// it to evict the connection. Thread-safe: when both try at the same moment, one of them wins.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rsf::http {

class Waiting {
    static constexpr std::int64_t what_bits = 3;

  public:
    using Clock = std::chrono::steady_clock;
    // request: nothing has arrived yet. rest: the rest of a head, or of data that is thrown away. transfer: a body, or the
    // client's reading of an answer; since the last progress.
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
    Seen state() const { return {word_}; }
    // True: the state was still as seen, and the caller closes the connection.
    bool claim(Seen seen) { return seen.waits() && word_.compare_exchange_strong(seen.word, claimed); }
    // After a claim that could not be carried out.
    void give_back(Seen seen) { word_ = seen.word; }

  private:
    static constexpr std::int64_t claimed = -1;
    // Nanoseconds; the last two bits say for what. Never 0, since the clock began long before.
    static std::int64_t word_of(Clock::time_point since, For what) {
        return (since.time_since_epoch().count() & ~what_bits) | static_cast<std::int64_t>(what);
    }

    std::atomic<std::int64_t> word_ = 0; // 0: it does not wait
};

} // namespace rsf::http
