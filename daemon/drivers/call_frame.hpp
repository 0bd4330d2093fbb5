// SPDX-License-Identifier: Apache-2.0
//
// One call as the driver sees it: the driver ABI's rsf_call, and the sink for its answer.
#pragma once

#include "drivers/answer_sink.hpp"
#include "drivers/call.hpp"

#include <resourcifier/call.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>

namespace rsf::daemon {

// Views call, which outlives the driver's function. cancelled and the sink may be used from any thread for as long as the frame
// lives, also once the call is over: then the call is cancelled and the sink is deaf.
class CallFrame : public rsf_call {
  public:
    explicit CallFrame(const Call &call);
    CallFrame(const CallFrame &) = delete;
    CallFrame &operator=(const CallFrame &) = delete;

    rsf_sink *sink() { return &sink_; }

    // The driver's function returned.
    Said end();

  private:
    static int is_cancelled(const rsf_call *call) noexcept;

    AnswerSink sink_;
    std::stop_token stop_;
    std::atomic<bool> over_ = false;
};

// Keeps the frames of the last calls, so that a driver that uses one a little too late does no harm. Thread-safe.
class FrameRest {
  public:
    void add(std::unique_ptr<CallFrame> frame);

  private:
    std::mutex mutex_;
    std::deque<std::unique_ptr<CallFrame>> frames_; // guarded by mutex_
};

} // namespace rsf::daemon
