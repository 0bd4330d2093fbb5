// SPDX-License-Identifier: Apache-2.0
//
// Whether the cluster can be reached and knows who is asking, as the last call found it. Nobody may call a target that is not
// ready, so a thread of its own finds out when that is mended: each question after a call that failed has it look once. A call
// that got no answer in time may have asked for much: then the thread looks whether the cluster answers at all. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace rsf::kubectl {

class Reach {
  public:
    // What a look at the cluster found.
    struct Look {
        enum class How {
            answered,
            refused,  // it was not reached, or does not know who is asking
            silent,   // it did not answer in time
            not_done, // nothing was found out
        };
        How how;
        std::string why{}; // refused: a sentence
    };
    // Asks the cluster for little; ends early once stop() says so. Called by the thread alone.
    using Ask = std::function<Look(const std::function<bool()> &stop)>;

    explicit Reach(Ask ask);
    ~Reach(); // ends an Ask
    Reach(const Reach &) = delete;
    Reach &operator=(const Reach &) = delete;

    // What a call found.
    void note_answer();
    void note_refusal(const std::string &why);
    // why: what counts if the thread's look finds the cluster silent as well.
    void note_silence(const std::string &why);

    // Why every call would fail now; empty: it would not. Returns at once.
    std::string why() const;
    // Whether nothing is wrong, and nothing suspected.
    bool is_clear() const { return is_clear_; }

  private:
    void run();
    void note(const Look &look);

    const Ask ask_;
    std::atomic<bool> is_clear_ = true; // why_ and suspicion_ are empty, for who need not wait to see it

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    // Guarded by mutex_:
    std::string why_;
    std::string suspicion_; // what why_ becomes if the next look finds the cluster silent
    mutable bool asks_ = false;
    bool stopping_ = false;

    std::thread thread_; // last: it uses all of the above
};

} // namespace rsf::kubectl
