// SPDX-License-Identifier: Apache-2.0
//
// Where a driver's answer lands. Copies at once; counts answers; ignores what comes after it was closed. Thread-safe, since a bad
// driver may call it from anywhere, for as long as the object lives.
#pragma once

#include "base/budget.hpp"

#include <resourcifier/answer.h>
#include <resourcifier/answer_rules.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

namespace rsf::drivers {

// What the driver said, word for word.
struct Said {
    struct Result {
        std::uint32_t outcome = 0;
        std::string object;
        std::string selflink;
        std::uint64_t dropped = 0; // bytes of an object that was not taken, for want of memory
    };
    struct Failure {
        std::int32_t code = 0;
        std::string message;
        std::int32_t retry = 0;
        std::int64_t retry_after_ms = 0;
        std::string details;
    };
    std::variant<std::monostate, Result, Failure> first; // of its answers
    int answers = 0;
    std::string fault; // why the first could not be copied, or empty
    std::string broke; // what it did instead of returning, in words ("it let an exception out: ..."), or empty
};

class AnswerSink : public rsf_sink {
  public:
    // memory: where objects are counted before they are copied; null: they do not count.
    explicit AnswerSink(std::shared_ptr<Share> memory = nullptr);
    AnswerSink(const AnswerSink &) = delete;
    AnswerSink &operator=(const AnswerSink &) = delete;

    // What was said until now.
    Said close();

  private:
    static void take_result(rsf_sink *sink, const rsf_result *result) noexcept;
    static void take_failure(rsf_sink *sink, const rsf_failure *failure) noexcept;
    template <class Given, class Copy> void take(const Given *given, const char *what, Copy copy) noexcept;

    std::mutex mutex_;
    std::shared_ptr<Share> memory_; // guarded by mutex_; let go when closed
    bool closed_ = false;           // guarded by mutex_
    Said said_;                     // guarded by mutex_
};

} // namespace rsf::drivers
