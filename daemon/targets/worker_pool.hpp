// SPDX-License-Identifier: Apache-2.0
//
// The threads that call one driver, and the queue before them: first come, first served. A call may never return: its thread is
// then given up and replaced, and when too many are lost the pool is wedged until one returns. Thread-safe, but must not be
// destroyed on one of its own threads.
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

namespace rsf::targets {

struct Job {
    using Clock = std::chrono::steady_clock;

    // On a worker; may block. deadline is set as it begins. What it throws becomes a failure. It may outlive the job's end, and
    // the pool, when it is given up: it owns what it needs.
    std::function<drivers::Answer(Clock::time_point deadline, std::stop_token stop)> work;

    // Exactly once, on a thread of the pool. begun: whether work was called. Must not block.
    std::function<void(drivers::Answer, bool begun)> done;

    // Ends the job when the client goes away, or cancels it: at once while it waits, by work's stop token once it has begun.
    std::stop_token client;
    bool is_cancelled_by_client = false; // which of both

    std::string what;       // for messages: "create of 'web' (Deployment)"
    std::string request_id; // for the log
};

// The end of work whose client left, or cancelled it, before it began.
drivers::Failure client_left();
drivers::Failure cancelled_by_client();

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

    // Admits a piece of work, of one job or many, or returns why not. Admitted work calls leave() once.
    std::optional<drivers::Failure> enter();
    // Admits work that was admitted before a restart, however much there is.
    void enter_again();
    void leave();
    // Work that is about to enter, or not: until it departs, the pool is not idle.
    void arrive();
    void depart();
    // Why enter() would refuse at this moment; none: it would not.
    std::optional<drivers::Failure> refusal() const;

    void submit(Job job);

    std::size_t threads() const;
    Counts counts() const;
    // Why no work is taken; none: it is.
    std::optional<std::string> closed_because() const;

    // Admits nothing from now on.
    void close();
    // Asks running jobs to stop within abandon_after; waiting jobs end without having begun.
    void cancel();
    // Waits until no work is arriving, admitted, waiting or running; false when until passed first. Lost calls do not count.
    bool wait_idle(Job::Clock::time_point until);
    // Calls once when that is so: now, or later on one of its threads. Must not wait, nor call back. The last one given counts.
    void when_idle(std::function<void()> once);

    // Cancels and ends the threads. false: some never came back and are left behind, still in their driver.
    bool stop();

  private:
    class State; // shared with the threads, since some may be left behind
    std::shared_ptr<State> state_;
};

} // namespace rsf::targets
