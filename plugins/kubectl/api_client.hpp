// SPDX-License-Identifier: Apache-2.0
//
// Requests to the Kubernetes API through kubectl's proxy, with what makes them reliable: kept connections, another try where that
// is safe, errors with a code and a sentence. Thread-safe.
#pragma once

#include "connection.hpp"
#include "credentials.hpp"
#include "proxy.hpp"
#include "settings.hpp"

#include <string>
#include <string_view>

namespace rsf::kubectl {

struct ApiRequest {
    std::string_view method;
    std::string path; // with its query
    std::string_view body{};
    std::string_view content_type = "application/json";
    bool may_repeat = false; // sent twice it does the same as once: so it is sent again when its connection broke
    bool is_patient = true;  // while the cluster is overloaded it is sent again and again, as long as the call's time allows
};

struct ApiAnswer {
    unsigned status; // 200 to 299
    std::string body;
};

class ApiClient {
  public:
    // All but host outlive it.
    ApiClient(Host host, Proxy &proxy, const Settings &settings, const Credentials &credentials);

    // Throws Error.
    ApiAnswer send(const Call &call, const ApiRequest &request) const;

    // Where objects go that name no namespace.
    std::string default_namespace(const Call &call) const;
    // The same without waiting for anything; empty: it is not known yet.
    std::string known_namespace() const;

    // A pause between two looks at something that changes: 10 ms at first, twice as long each time, at most 500 ms.
    static void pause(const Call &call, int turn);

  private:
    HttpResponse exchange(const Call &call, const ApiRequest &request, const Patience &patience) const;

    const Host host_;
    Proxy &proxy_;
    const Settings &settings_;
    const Credentials &credentials_;
};

} // namespace rsf::kubectl
