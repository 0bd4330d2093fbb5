// SPDX-License-Identifier: Apache-2.0
//
// One call as the driver sees it: the driver ABI's rsf_call, and the sink for its answer.
#pragma once

#include "drivers/abi/answer_sink.hpp"
#include "drivers/call.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/call.h>
#include <resourcifier/extensions.h>

#include <atomic>
#include <deque>
#include <memory>
#include <stop_token>
#include <vector>

namespace rsf::drivers {

// Views call, which outlives the driver's function. cancelled and the sink may be used from any thread for as long as the frame
// lives, even after the call has returned: then the call counts as cancelled and the sink ignores answers.
class CallFrame : public rsf_call {
  public:
    explicit CallFrame(const Call &call);
    CallFrame(const CallFrame &) = delete;
    CallFrame &operator=(const CallFrame &) = delete;

    rsf_sink *sink() { return &sink_; }

    // The driver's function returned.
    RawAnswer end();

  private:
    static int is_cancelled(const rsf_call *call) noexcept;

    AnswerSink sink_;
    std::stop_token stop_;
    std::atomic<bool> over_ = false;
};

// A batch of calls (rsf.batch/1) as the driver sees it. May be used as CallFrame may.
class BatchFrame : public rsf_batch_sink {
  public:
    explicit BatchFrame(const std::vector<Call> &calls);
    BatchFrame(const BatchFrame &) = delete;
    BatchFrame &operator=(const BatchFrame &) = delete;

    const std::vector<const rsf_call *> &calls() const { return calls_; }

    // The driver's function returned. Returns the answer to each call.
    std::vector<RawAnswer> end();
    // Whether it answered calls that the batch does not have: then it is not known which calls its answers are for.
    bool is_beyond() const { return beyond_; }

  private:
    static void take_result(rsf_batch_sink *sink, std::size_t index, const rsf_result *result) noexcept;
    static void take_failure(rsf_batch_sink *sink, std::size_t index, const rsf_failure *failure) noexcept;
    rsf_sink *find(std::size_t index);

    std::vector<std::unique_ptr<CallFrame>> frames_;
    std::vector<const rsf_call *> calls_;
    std::atomic<bool> beyond_ = false;
};

// Keeps the frames of the last calls, so that a driver that uses one a little too late does no harm. Thread-safe.
class FinishedFrames {
  public:
    void add(std::shared_ptr<const void> frame, std::size_t calls = 1);

  private:
    struct Kept {
        std::shared_ptr<const void> frame;
        std::size_t calls;
    };
    shared::Mutex mutex_;
    std::deque<Kept> frames_ GUARDED_BY(mutex_);
    std::size_t calls_ GUARDED_BY(mutex_) = 0;
};

} // namespace rsf::drivers
