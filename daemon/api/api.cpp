// SPDX-License-Identifier: Apache-2.0
#include "api/api.hpp"

#include "api/request/metered_route.hpp"
#include "api/resources/configurations.hpp"
#include "api/resources/metrics_page.hpp"
#include "api/resources/objects.hpp"
#include "api/resources/openapi.hpp"
#include "api/resources/operation_events.hpp"
#include "api/resources/operations.hpp"
#include "api/resources/readiness.hpp"
#include "api/resources/targets.hpp"
#include "base/text.hpp"
#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "run/runner.hpp"
#include "targets/target_set.hpp"
#include "targets/worker_pool.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::api {

using Kind = Route::Kind;
using targets::TargetSet;

namespace {

// A request whose answer needs no more than its head.
class Answered final : public http::Admission {
  public:
    Answered(Response response, bool is_refusal) : response_(std::move(response)), is_refusal_(is_refusal) {}

    http::RequestSubject subject() const override { return {}; }
    std::optional<Response> refusal(const Request &) override {
        return is_refusal_ ? std::optional(std::move(response_)) : std::nullopt;
    }
    void answer(Request, Respond respond) override { respond(std::move(response_)); }

  private:
    Response response_;
    const bool is_refusal_;
};

drivers::Failure too_many_wait(const std::string &target, std::size_t most) {
    return drivers::transient(unavailable((target.empty() ? "a target" : "target " + in_quotes(target)) +
                                          " is being replaced in a reload, and " + std::to_string(most) +
                                          " requests wait for that, which is as many as may; try again later"),
                              std::chrono::seconds(1));
}

} // namespace

// A request that is to be worked on.
class Api::Accepted final : public http::Admission {
  public:
    Accepted(std::shared_ptr<Api> api, Admitted admitted)
        : api_(std::move(api)), admitted_(std::move(admitted)), subject_(subject_of(admitted_)) {}

    http::RequestSubject subject() const override { return subject_; }

    std::optional<Response> refusal(const Request &head) override {
        if (admitted_.route.kind == Kind::configurations && !admitted_.waits) {
            const targets::Target &target = admitted_.planner ? *admitted_.planner : *admitted_.target;
            if (const auto failure = api_->tools_->runner->refuse(target, admitted_.verb, head.id, admitted_.caller))
                return http::to_response(problem_of(*failure));
        }
        // A body may take its time: the targets are not held meanwhile, since a reload may have to end them.
        seen_ = std::exchange(admitted_.targets, nullptr);
        target_ = std::exchange(admitted_.target, nullptr);
        planner_ = std::exchange(admitted_.planner, nullptr);
        is_released_ = true;
        return std::nullopt;
    }

    void answer(Request request, Respond respond) override {
        if (is_released_) {
            admitted_.targets = seen_.lock();
            admitted_.target = target_.lock();
            admitted_.planner = planner_.lock();
        }
        api_->answer(std::move(request), std::move(admitted_), std::move(respond));
    }

  private:
    const std::shared_ptr<Api> api_;
    Admitted admitted_;
    const http::RequestSubject subject_;
    bool is_released_ = false;
    std::weak_ptr<const TargetSet> seen_;
    std::weak_ptr<targets::Target> target_, planner_;
};

Api::Api(TargetSet targets, Tools tools)
    : tools_(std::make_shared<const Tools>(std::move(tools))), targets_(std::make_shared<const TargetSet>(std::move(targets))) {}

void Api::replace(TargetSet targets) {
    auto next = std::make_shared<const TargetSet>(std::move(targets));
    std::vector<Waiting> waiting;
    {
        const shared::Lock lock(mutex_);
        targets_.swap(next); // the old set is destroyed after the lock is released
        waiting.swap(waiting_);
    }
    for (Waiting &request : waiting) tools_->later.offload(std::move(request.again));
}

std::shared_ptr<const TargetSet> Api::targets() const {
    const shared::Lock lock(mutex_);
    return targets_;
}

http::RouteInfo Api::route_info(std::string_view method, std::string_view target) const {
    using Counted = metrics::MeteredRoute;
    const Counted route = metered_route(target);
    if (route == Counted::metrics) return {route, http::Priority::metrics};
    const bool is_alive =
        (route == Counted::live && allows(Kind::live, method)) || (route == Counted::health && allows(Kind::health, method));
    return {route, is_alive ? http::Priority::probe : http::Priority::ordinary};
}

std::unique_ptr<http::Admission> Api::admit(const Request &head) {
    if (auto options = answer_options(head)) return std::make_unique<Answered>(std::move(*options), false);
    if (auto elsewhere = redirect(head)) return std::make_unique<Answered>(std::move(*elsewhere), true);
    auto admitted = api::admit(head, targets());
    if (!admitted) return std::make_unique<Answered>(http::to_response(admitted.error()), true);
    return std::make_unique<Accepted>(shared_from_this(), std::move(*admitted));
}

// For a request whose targets were replaced after it was admitted.
void Api::admit_and_answer(Request request, Respond respond) {
    auto admitted = api::admit(request, targets());
    if (!admitted) return respond(http::to_response(admitted.error()));
    answer(std::move(request), std::move(*admitted), std::move(respond));
}

// Until the targets are no longer those that admitted has.
void Api::wait(Admitted admitted, Request request, Respond respond) {
    const std::string target = subject_of(admitted).target;
    const std::size_t most = admitted.targets->most_waiting(target);
    const auto kept = std::make_shared<Request>(std::move(request));
    auto again = [self = shared_from_this(), kept, id = kept->id, respond] {
        self->tools_->later.guard(id, respond, [&] {
            if (kept->client_gone.stop_requested()) return respond(http::to_response(problem_of(targets::client_left())));
            self->admit_and_answer(std::move(*kept), respond);
        });
    };
    bool is_full = false;
    {
        const shared::Lock lock(mutex_);
        if (targets_ == admitted.targets) {
            is_full = static_cast<std::size_t>(std::ranges::count(waiting_, target, &Waiting::target)) >= most;
            if (!is_full) return waiting_.push_back({target, std::move(again)});
        }
    }
    if (is_full) return respond(http::to_response(problem_of(too_many_wait(target, most))));
    again();
}

void Api::answer(Request request, Admitted admitted, Respond respond) {
    // A reload publishes its targets and then waits until the old ones are idle: it sees the arrivals, or is seen here. Nothing
    // of a set that was replaced is held then: its targets may have to end first.
    admitted.arrivals = {targets::Arrival(admitted.target), targets::Arrival(admitted.planner)};
    if (targets() != admitted.targets) {
        admitted = {};
        return admit_and_answer(std::move(request), std::move(respond));
    }
    if (admitted.waits) return wait(std::move(admitted), std::move(request), std::move(respond));
    switch (admitted.route.kind) {
    case Kind::health: return respond({200, "text/plain; charset=UTF-8", "OK", {}});
    case Kind::live: return respond({200, "text/plain; charset=UTF-8", "ok", {}});
    case Kind::openapi: return respond({200, "application/json", std::string(openapi_document), {}});
    case Kind::metrics: return answer_metrics(*tools_, request, admitted, std::move(respond));
    case Kind::ready: return answer_readiness(*tools_, request, std::move(admitted), going_down_, std::move(respond));
    case Kind::targets:
    case Kind::target: return answer_targets(*tools_, request, admitted, std::move(respond));
    case Kind::list:
    case Kind::get: return answer_objects(*tools_, request, admitted, std::move(respond));
    case Kind::operations:
    case Kind::operation:
    case Kind::cancel: return answer_operations(tools_, request, admitted, std::move(respond));
    case Kind::events: return answer_events(tools_, request, admitted, std::move(respond));
    case Kind::configurations: return answer_configurations(tools_, std::move(request), std::move(admitted), std::move(respond));
    }
}

} // namespace rsf::api
