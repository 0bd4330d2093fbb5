// SPDX-License-Identifier: Apache-2.0
//
// Receives a driver's answer. Copies it at once, counts answers, and ignores those after close(). Thread-safe, since a bad driver
// may call it from any thread, for as long as the object lives.
#pragma once

#include "base/budget.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/answer.h>
#include <resourcifier/answer_rules.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace rsf::drivers {

// The driver's answer as it gave it, unchecked.
struct RawAnswer {
    struct Result {
        std::uint32_t outcome = 0;
        std::string object;
        std::string selflink;
        std::uint64_t dropped = 0; // bytes of an object that was not copied, for lack of memory
        std::string revision{};
        std::string warnings{}; // JSON
    };
    struct Failure {
        std::int32_t code = 0;
        std::string message;
        std::int32_t retry = 0;
        std::int64_t retry_after_ms = 0;
        std::string details;
        std::uint32_t effect = 0; // RSF_EFFECT_...
    };
    std::variant<std::monostate, Result, Failure> first; // of its answers
    int answers = 0;
    std::string fault; // why the first could not be copied, or empty
    std::string broke; // what it did instead of returning, in words ("it let an exception out: ..."), or empty
};

class AnswerSink : public rsf_sink {
  public:
    // memory: what objects are counted against before they are copied; null: they are not counted.
    explicit AnswerSink(std::shared_ptr<Share> memory = nullptr);
    AnswerSink(const AnswerSink &) = delete;
    AnswerSink &operator=(const AnswerSink &) = delete;

    // Returns the answer given so far; later ones are ignored.
    RawAnswer close();

  private:
    static void take_result(rsf_sink *sink, const rsf_result *result) noexcept;
    static void take_failure(rsf_sink *sink, const rsf_failure *failure) noexcept;
    template <class Given, class Copy> void take(const Given *given, const char *what, Copy copy) noexcept;

    shared::Mutex mutex_;
    std::shared_ptr<Share> memory_ GUARDED_BY(mutex_); // released by close()
    bool closed_ GUARDED_BY(mutex_) = false;
    RawAnswer said_ GUARDED_BY(mutex_);
};

} // namespace rsf::drivers
