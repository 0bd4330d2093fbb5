// SPDX-License-Identifier: Apache-2.0
//
// Which groups of the API are served by another server than the cluster's own (API aggregation). Such a server may take a dry run
// for a write: none is sent to it. Thread-safe; two callers that miss at once may both ask.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
#pragma once

#include "shared/mutex.hpp"

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rsf::kubectl::api {

class Aggregation {
  public:
    // Reads the APIService of that name; throws Error, not_found where there is none.
    using Fetch = std::function<json::object(const Call &, const std::string &name)>;

    explicit Aggregation(Fetch fetch) : fetch_(std::move(fetch)) {}

    // Throws Error (unsupported, as rsf.dry_run/1 has it) when another server stores objects of that kind, or when the user
    // may not read whether one does. Kinds that Kubernetes itself has are not asked about.
    void check_dry_run(const Call &call, const std::string &api_version, std::string_view kind) const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Known {
        std::string why_not; // a dry run can be sent; empty: it can
        Clock::time_point until;
    };

    std::string why_not(const Call &call, const std::string &api_version) const;

    const Fetch fetch_;
    mutable shared::Mutex mutex_;
    mutable std::map<std::string, Known, std::less<>> known_ GUARDED_BY(mutex_); // by apiVersion
};

} // namespace rsf::kubectl::api
