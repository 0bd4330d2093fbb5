// SPDX-License-Identifier: Apache-2.0
//
// Calls as requests to the Kubernetes API through one warm `kubectl proxy`, which does all that concerns the connection: address,
// TLS, who is asking. Thread-safe.
#pragma once

#include "api_client.hpp"
#include "credentials.hpp"
#include "discovery.hpp"
#include "environment.hpp"
#include "field_check.hpp"
#include "proxy.hpp"
#include "settings.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::kubectl {

class ProxyTransport : public Driver {
  public:
    // All but host outlive it.
    ProxyTransport(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    Result apply(const Call &call) override;
    json::object health() const override { return proxy_.health(); }

  private:
    struct Write;

    Write prepare(const Call &call);
    std::string ns_of(const Call &call, const ApiType &type, std::string_view ns) const;
    json::object read(const Call &call, const std::string &path) const;
    std::string written(const Call &call, const ApiRequest &how, const json::object &object) const;
    void check_fields(const Call &call, const Write &write);
    void load_field_check(const Call &call);
    void wait_until_gone(const Call &call, const std::string &path, std::string_view deleted) const;
    void wait_until_served(const Call &call, const std::string &path, const json::object &definition);

    const Host host_;
    const Settings &settings_;
    Proxy proxy_;
    const ApiClient client_;
    Discovery discovery_;
    std::once_flag field_check_loaded_;
    std::optional<FieldCheck> field_check_; // none: the cluster checks by itself. Set once, under the flag
};

} // namespace rsf::kubectl
