// SPDX-License-Identifier: Apache-2.0
//
// Requests to the Kubernetes API through kubectl's proxy, with what makes them reliable: kept connections, another try where that
// is safe, errors with a code and a sentence. Thread-safe.
#pragma once

#include "kubectl/api/settling.hpp"
#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/transports/proxy/connection.hpp"
#include "kubectl/transports/proxy/proxy.hpp"

#include <string>
#include <string_view>

namespace rsf::kubectl::transports {

struct ApiRequest {
    std::string_view method;
    std::string path; // with its query
    std::string_view body{};
    std::string_view content_type = "application/json";
    bool may_repeat = false;        // idempotent: sent again when its connection broke
    bool waits_for_overload = true; // an overloaded cluster is asked again as long as the call's time allows
};

class ApiClient {
  public:
    // All but host outlive it.
    ApiClient(Host host, Proxy &proxy, const settings::Settings &settings, const settings::Credentials &credentials);

    // The body of an answer with status 200 to 299; throws Error for all others. clock: receives what the cluster's clock said.
    std::string send(const Call &call, const ApiRequest &request, api::ClockReading *clock = nullptr) const;

    // Where objects go that name no namespace.
    std::string default_namespace(const Call &call) const;
    // The same without waiting for anything; empty: it is not known yet.
    std::string known_namespace() const;

  private:
    HttpResponse exchange(const Call &call, const ApiRequest &request, const process::Deadline &deadline) const;

    const Host host_;
    Proxy &proxy_;
    const settings::Settings &settings_;
    const settings::Credentials &credentials_;
};

} // namespace rsf::kubectl::transports
