// SPDX-License-Identifier: Apache-2.0
//
// How many lists and plans a driver's process may make at once, so that it does not end for want of memory with others' writes in
// it. What a list will take is judged by the last answer to the same query, what a plan by the object. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

namespace rsf::process {

class ReadGate {
  public:
    using Clock = std::chrono::steady_clock;

    // What all lists together may take, where nobody says how much memory the process may have; else a half of that.
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

        // How large it was.
        void made(std::uint64_t bytes) { made_ = bytes; }

      private:
        static constexpr std::uint64_t unknown = ~std::uint64_t{0};

        ReadGate &gate_;
        const std::string query_;
        const std::uint64_t counted_;
        std::uint64_t made_ = unknown;
    };

    // Waits for its turn. Null: it did not come until then, or the wait was to stop.
    std::unique_ptr<Pass> enter(std::string_view query, Clock::time_point until, const std::stop_token &stop);

    // The same for the step of a plan over an object of so many bytes of JSON.
    std::unique_ptr<Pass> enter_plan(std::uint64_t bytes, Clock::time_point until, const std::stop_token &stop);

  private:
    static constexpr std::uint64_t copies = 3;        // of a list's text that its process holds at once, with what it is made of
    static constexpr std::uint64_t plan_copies = 20;  // the same of a planned object: measured with 4 MB in dryrun
    static constexpr std::uint64_t first_ones = 4;    // lists of queries that were never made, which may be made at once
    static constexpr std::size_t most_queries = 1000; // that are remembered

    std::uint64_t expected(std::string_view query) const;
    std::unique_ptr<Pass> enter(std::string_view query, const std::function<std::uint64_t()> &expected, Clock::time_point until,
                                const std::stop_token &stop);

    const std::uint64_t bound_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::uint64_t taken_ = 0;                                // guarded by mutex_
    std::map<std::string, std::uint64_t, std::less<>> last_; // guarded by mutex_: bytes of the last answer to each query
};

} // namespace rsf::process
