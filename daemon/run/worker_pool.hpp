// SPDX-License-Identifier: Apache-2.0
//
// The threads that call one driver, and the queue before them: first come, first served. Knows that a call may never come back:
// such a thread is given up and replaced, and when too many are gone the pool is wedged until one returns. Thread-safe, but must
// not be destroyed on one of its own threads.
#pragma once

#include "base/log.hpp"
#include "drivers/call.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace rsf::run {

struct Job {
    using Clock = std::chrono::steady_clock;

    // On a worker; may block. deadline is set as it begins. What it throws becomes a failure. It may outlive the job's end, and
    // the pool, when it is given up: it owns what it needs.
    std::function<drivers::Answer(Clock::time_point deadline, std::stop_token stop)> work;

    // Exactly once, on a thread of the pool. begun: whether work was called. Must not block.
    std::function<void(drivers::Answer, bool begun)> done;

    // Ends the job when the client goes away: at once while it waits, by work's stop token once it has begun.
    std::stop_token client;

    std::string what;       // for messages: "create of 'web' (Deployment)"
    std::string request_id; // for the log
};

class WorkerPool {
  public:
    struct Options {
        std::string target; // for the log
        std::string who;    // for messages: "driver 'kubectl' of target 'prod'"
        std::size_t threads = 1;
        bool concurrent = false; // whether a call may begin while another is lost
        std::size_t admitted = 256;
        std::chrono::milliseconds timeout{60'000};
        std::chrono::milliseconds abandon_after{5'000};
    };

    struct Counts {
        std::size_t running = 0;
        std::size_t queued = 0;
        std::size_t lost = 0;
    };

    WorkerPool(Options options, Log log);
    ~WorkerPool();

    // One more piece of work, of one job or many, is let in, or there is a reason why not. Whoever is let in calls leave() once.
    std::optional<drivers::Failure> enter();
    void leave();
    // Why enter() would let nothing in at this moment.
    std::optional<drivers::Failure> refusal() const;

    void submit(Job job);

    std::size_t threads() const;
    Counts counts() const;
    // Why no work is taken, if so.
    std::optional<std::string> closed_because() const;

    // Lets nothing in from now on.
    void close();
    // Asks running jobs to stop, and gives them abandon_after for it; jobs that wait end without having begun.
    void cancel();
    // Whether nothing is let in, waits or runs; waits for it until then. Lost calls do not count.
    bool wait_idle(Job::Clock::time_point until);

    // Cancels and ends the threads. false: some never came back and are left behind, still in their driver.
    bool stop();

  private:
    class State; // shared with the threads, for those that are left behind
    std::shared_ptr<State> state_;
};

} // namespace rsf::run
