// SPDX-License-Identifier: Apache-2.0
//
// The API behind its connections: requests in, answers out, no sockets. Thread-safe; held by a shared_ptr, which work under way
// shares.
#pragma once

#include "base/log.hpp"
#include "http/message.hpp"
#include "http/negotiation.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "http/uri.hpp"
#include "http/workers.hpp"
#include "metrics/metrics.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::http {

// Runs work on a thread with an ordinary stack that may be busy for a while, later; or drops it when the server is going down.
using Offload = std::function<void(std::function<void()>)>;

// Renders answers where that may take its time. Copied into what targets call back: they must not hold their own owner, the Api.
struct Later {
    Offload offload;
    Log log;

    // Whatever work throws becomes a 500 to respond, here and below.
    void operator()(std::string request_id, Respond respond, std::function<Response()> work) const;
    // On this thread.
    void now(const std::string &request_id, const Respond &respond, const std::function<Response()> &work) const;
    // The same for work that responds by itself.
    void guard(const std::string &request_id, const Respond &respond, const std::function<void()> &work) const;
};

// What a request that is let in is about, for the log. Empty: about no target; no operation on one, or not known yet.
struct Subject {
    std::string target;
    std::string_view operation;
};

// The query parameters that a route knows; strategy not on DELETE. Not those of probes that take any.
std::span<const std::string_view> known_parameters(Route::Kind kind);

class Api : public std::enable_shared_from_this<Api> {
  public:
    Api(Targets targets, Offload offload, std::shared_ptr<const metrics::Metrics> metrics, Log log);

    // What requests that are admitted from now on find, and those that wait. Those that were admitted keep what they found.
    void replace(Targets targets);

    // From now on it says of itself that it is not ready.
    void go_down() { going_down_ = true; }

    // Whether it only asks if the daemon is alive, which is answered whatever else is refused.
    static bool is_probe(const Request &head);

    // Whether the threads that wait for drivers to say how they are have not come back for that long.
    bool is_stuck(std::chrono::steady_clock::duration longer_than) const { return questioners_.stuck(longer_than); }

    // As Workers::give_memory_back.
    void give_memory_back() { questioners_.give_memory_back(); }

    // What is wrong with a request that can be said before its body is read.
    std::optional<Response> refuse(const Request &head) const;

    // Answers with respond, at once or later. Parsing, drivers and rendering have their own threads: the caller never waits.
    Subject handle(Request request, Respond respond);

  private:
    // A request that is worth working on.
    struct Admitted {
        Route route;
        std::shared_ptr<const Targets> targets;
        bool waits = false;                   // for the next targets; the rest is not looked at yet
        std::shared_ptr<run::Target> target;  // null for the routes that have none
        std::shared_ptr<run::Target> planner; // for writes that are only to be planned
        Query query;
        drivers::Verb verb = drivers::Verb::get; // of a read or a write
        Format format;
        bool strict = false;
    };

    OrProblem<Admitted> admit(const Request &request) const;
    static Subject subject_of(const Admitted &admitted);
    std::shared_ptr<const Targets> targets() const;
    void work_on(Request request, Admitted admitted, Respond respond);
    void wait(std::shared_ptr<const Targets> seen, Request request, Respond respond);

    void tell_targets(Request request, Admitted admitted, Respond respond);
    void tell_metrics(Request request, Admitted admitted, Respond respond);
    void tell_readiness(Request request, Admitted admitted, Respond respond);
    void read(Request request, Admitted admitted, Respond respond);
    void write(Request request, Admitted admitted, Respond respond);
    void perform(Request request, Admitted admitted, Respond respond);
    void plan(run::Operation operation, std::stop_token client_gone, Admitted admitted, Respond respond);

    // Constant after construction.
    const Later later_;
    // For answers that wait for drivers to say how they are, which neither wait behind bodies nor keep them waiting. The drivers
    // are asked before such work is posted, and each waits until a moment that is counted from then: so few threads do, since
    // together they wait no longer than the last one.
    const Later after_questions_;
    const std::shared_ptr<const metrics::Metrics> metrics_;

    std::atomic<bool> going_down_ = false;

    mutable std::mutex mutex_;
    std::shared_ptr<const Targets> targets_;     // guarded by mutex_
    std::vector<std::function<void()>> waiting_; // guarded by mutex_; to be handled anew

    Workers questioners_{2}; // last: nothing that they do holds the Api
};

} // namespace rsf::http
