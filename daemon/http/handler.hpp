// SPDX-License-Identifier: Apache-2.0
//
// What connections hand requests to. A request is admitted or refused once, by its head; the result travels with it as its
// Admission.
#pragma once

#include "http/message.hpp"
#include "metrics/metered_route.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

// What the server does for a request at its limits.
enum class Priority {
    ordinary, // refuses it
    metrics,  // answers it even at the limit of requests: metrics show what is refused then
    probe     // answers it even at the limit of connections too: whether the daemon is alive
};

// What the first line of a request says.
struct RouteInfo {
    metrics::MeteredRoute route = metrics::MeteredRoute::none; // for the metrics
    Priority priority = Priority::ordinary;
};

// What a request is about, for the log. Empty: about no target; no operation on one, or not known yet.
struct RequestSubject {
    std::string target;
    std::string_view operation;
};

// A request whose head was judged. One owner; one thread at a time.
class Admission {
  public:
    virtual ~Admission() = default;

    virtual RequestSubject subject() const = 0;
    // Why it is refused before its body is read, once; none: the body may come. head: the one that was judged.
    virtual std::optional<Response> refusal(const Request &head) = 0;
    // Answers it with respond, at once or later, on any thread. request: with its body. Called once, without waiting for
    // anything; after refusal() gave an answer, not at all. The admission may be destroyed before the answer comes.
    virtual void answer(Request request, Respond respond) = 0;
};

// Thread-safe; held by shared_ptr, which work under way shares.
class Handler {
  public:
    virtual ~Handler() = default;

    // Takes no memory and waits for nothing. target: in origin form, or anything else that a client sent.
    virtual RouteInfo route_info(std::string_view method, std::string_view target) const = 0;
    // Judges a request by its head, without waiting.
    virtual std::unique_ptr<Admission> admit(const Request &head) = 0;
    // From now on readiness probes fail: the server accepts no more connections.
    virtual void go_down() = 0;
};

} // namespace rsf::http
