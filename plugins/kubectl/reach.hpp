// SPDX-License-Identifier: Apache-2.0
//
// Whether the cluster can be reached and knows who is asking, as the last call found it. Nobody may call a target that is not
// ready, so a thread of its own finds out when that is mended: each question after a call that failed has it ask once.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace rsf::kubectl {

class Reach {
  public:
    // Asks the cluster and calls note(); ends early once stop() says so. Called by the thread alone.
    using Ask = std::function<void(const std::function<bool()> &stop)>;

    explicit Reach(Ask ask);
    ~Reach(); // ends an Ask
    Reach(const Reach &) = delete;
    Reach &operator=(const Reach &) = delete;

    // why: a sentence, or empty: the cluster answered.
    void note(const std::string &why);

    // What was noted last. Returns at once.
    std::string why() const;

  private:
    void run();

    const Ask ask_;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    // Guarded by mutex_:
    std::string why_;
    mutable bool asks_ = false;
    bool stopping_ = false;

    std::thread thread_; // last: it uses all of the above
};

} // namespace rsf::kubectl
