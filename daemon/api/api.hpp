// SPDX-License-Identifier: Apache-2.0
//
// The API behind its connections: requests in, answers out, no sockets. Thread-safe; held by a shared_ptr, which work under way
// shares.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"
#include "http/handler.hpp"
#include "shared/mutex.hpp"
#include "targets/target_fwd.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rsf::api {

class Api final : public http::Handler, public std::enable_shared_from_this<Api> {
  public:
    Api(targets::TargetSet targets, Tools tools);

    // Sets the targets for requests that are admitted from now on and for those that wait. Requests that are being carried out
    // keep their targets; all others are admitted again.
    void replace(targets::TargetSet targets);

    http::RouteInfo route_info(std::string_view method, std::string_view target) const override;
    std::unique_ptr<http::Admission> admit(const Request &head) override;
    void go_down() override { going_down_ = true; }

  private:
    class Accepted;

    std::shared_ptr<const targets::TargetSet> targets() const;
    void admit_and_answer(Request request, Respond respond);
    void answer(Request request, Admitted admitted, Respond respond);
    void wait(Admitted admitted, Request request, Respond respond);

    struct Waiting {
        std::string target;          // empty: for all of them
        std::function<void()> again; // admits it again
    };

    const std::shared_ptr<const Tools> tools_;
    std::atomic<bool> going_down_ = false;

    mutable shared::Mutex mutex_;
    std::shared_ptr<const targets::TargetSet> targets_ GUARDED_BY(mutex_);
    std::vector<Waiting> waiting_ GUARDED_BY(mutex_);
};

} // namespace rsf::api
