// SPDX-License-Identifier: Apache-2.0
//
// Whether the cluster can be reached and accepts the credentials, as the last call or check found it. A thread of its own checks:
// - at the first why(), before anything is known, and once for each why() after a failure, which may be over;
// - after a call that got no answer in time, which may only have been slow: whether the cluster answers at all;
// - when no call has told for a while, as long as why() is called now and then: somebody wants to know.
// Thread-safe.
#pragma once

#include "kubectl/process/event.hpp"
#include "shared/mutex.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace rsf::kubectl::transports {

class Reach {
  public:
    // The result of one probe.
    struct Probe {
        enum class How {
            answered,
            refused,  // it was not reached, or does not accept the credentials
            silent,   // it did not answer in time
            not_done, // the check could not be made
        };
        How how;
        std::string why{}; // refused: a sentence
    };
    // Sends the cluster a small request, which may take so long; ends at once when stop is set. Called by the thread only.
    using Ask = std::function<Probe(const process::Event &stop, std::chrono::milliseconds at_most)>;

    // routine: how long nothing has told before the thread checks by itself.
    Reach(Ask ask, std::chrono::milliseconds routine);
    ~Reach(); // ends an Ask
    Reach(const Reach &) = delete;
    Reach &operator=(const Reach &) = delete;

    // What a call found.
    void note_answer();
    void note_refusal(const std::string &why);
    // why: becomes the reason if the thread's check gets no answer either.
    void note_silence(const std::string &why);

    // Why every call would fail now, or that nothing is known yet; empty: it would not. Returns at once.
    std::string why() const;

  private:
    using Clock = std::chrono::steady_clock;

    void run();
    void note(const Probe &probe, Clock::time_point began) REQUIRES(mutex_);
    std::optional<Clock::time_point> next_routine() const REQUIRES(mutex_);
    void tell();

    const Ask ask_;
    const std::chrono::milliseconds routine_;
    const process::Event stop_; // set when it ends
    // Read without the mutex: calls that are answered take no lock.
    std::atomic<bool> is_clear_ = false; // why_ and suspicion_ are empty
    std::atomic<Clock::rep> told_ = 0;   // when a call last found that the cluster answers, or that it is not reached

    mutable shared::Mutex mutex_;
    mutable shared::Condition changed_;
    std::string why_ GUARDED_BY(mutex_);
    std::string suspicion_ GUARDED_BY(mutex_);                   // becomes why_ if the next check gets no answer
    mutable bool asks_ GUARDED_BY(mutex_) = false;               // for a check, once the one under way has ended
    bool checks_ GUARDED_BY(mutex_) = false;                     // one is under way
    mutable Clock::time_point watched_until_ GUARDED_BY(mutex_); // until when routine checks go on
    Clock::time_point checked_ GUARDED_BY(mutex_);               // when the last check ended
    bool stopping_ GUARDED_BY(mutex_) = false;

    std::thread thread_; // last: it uses all of the above
};

} // namespace rsf::kubectl::transports
