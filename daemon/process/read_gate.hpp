// SPDX-License-Identifier: Apache-2.0
//
// Limits how many lists and plans a driver process makes at once, so that it does not run out of memory while it has others'
// writes in it. The memory of a list is estimated by the last answer to the same query, that of a plan by its object.
// Thread-safe.
#pragma once

#include "shared/mutex.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace rsf::process {

class ReadGate {
  public:
    using Clock = std::chrono::steady_clock;

    // The memory for all lists together, where the process has no memory limit; else it is half of that limit.
    static constexpr std::uint64_t usual_bound = std::uint64_t{512} << 20;
    static std::uint64_t bound_for(std::uint64_t memory) { return memory == 0 ? usual_bound : memory / 2; }

    explicit ReadGate(std::uint64_t bound) : bound_(bound) {}

    // One list that is being made.
    class Pass {
      public:
        Pass(ReadGate &gate, std::string query, std::uint64_t counted)
            : gate_(gate), query_(std::move(query)), counted_(counted) {}
        ~Pass();
        Pass(const Pass &) = delete;
        Pass &operator=(const Pass &) = delete;

        // Reports how large it was.
        void made(std::uint64_t bytes) { made_ = bytes; }

      private:
        static constexpr std::uint64_t unknown = ~std::uint64_t{0};

        ReadGate &gate_;
        const std::string query_;
        const std::uint64_t counted_;
        std::uint64_t made_ = unknown;
    };

    // Waits for a pass. Null: there was none until then, or stop was requested.
    std::unique_ptr<Pass> enter(std::string_view query, Clock::time_point until, const std::stop_token &stop);

    // The same for the step of a plan over an object of so many bytes of JSON.
    std::unique_ptr<Pass> enter_plan(std::uint64_t bytes, Clock::time_point until, const std::stop_token &stop);

  private:
    static constexpr std::uint64_t copies = 3;        // of a list's text that its process holds at once, with what it is made of
    static constexpr std::uint64_t plan_copies = 20;  // the same of a planned object: measured with 4 MB in dryrun
    static constexpr std::uint64_t first_ones = 4;    // lists of queries that were never made, which may be made at once
    static constexpr std::size_t most_queries = 1000; // that are remembered

    std::uint64_t expected(std::string_view query) const REQUIRES(mutex_);
    std::unique_ptr<Pass> enter(std::string_view query, const std::function<std::uint64_t()> &expected, Clock::time_point until,
                                const std::stop_token &stop);

    const std::uint64_t bound_;
    shared::Mutex mutex_;
    std::condition_variable_any changed_; // supports stop tokens, which shared::Condition does not
    std::uint64_t taken_ GUARDED_BY(mutex_) = 0;
    std::map<std::string, std::uint64_t, std::less<>> last_ GUARDED_BY(mutex_); // bytes of the last answer to each query
};

} // namespace rsf::process
