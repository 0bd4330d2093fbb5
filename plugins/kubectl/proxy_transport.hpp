// SPDX-License-Identifier: Apache-2.0
//
// Calls as requests to the Kubernetes API through one warm `kubectl proxy`, which does all that concerns the connection: address,
// TLS, who is asking. Thread-safe.
#pragma once

#include "aggregation.hpp"
#include "api_client.hpp"
#include "credentials.hpp"
#include "discovery.hpp"
#include "environment.hpp"
#include "managed_fields.hpp"
#include "posted.hpp"
#include "proxy.hpp"
#include "schemas.hpp"
#include "settings.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

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
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

  private:
    // The object of a write, and where it belongs.
    struct Write {
        Posted posted;
        ApiType type;
        std::string ns; // empty: its kind has none
        std::string path() const { return type.path(ns, posted.identity.name); }
        kubernetes::Identity identity() const { return {type.api_version, type.kind, posted.identity.name, ns}; }
    };
    static constexpr int most_turns = 8; // of a write that somebody else was faster than

    Result list(const Call &call, const ApiType &type) const;
    Result get(const Call &call, const ApiType &type) const;
    template <class Read, class Find> Result read_twice(const Call &call, Read read, Find find);
    Write prepare(const Call &call);
    Result remove(const Call &call, const Write &write);
    std::string ns_of(const Call &call, const ApiType &type, std::string_view ns) const;
    json::object read(const Call &call, const std::string &path) const;
    json::object read_live(const Call &call, const Write &write) const;
    std::string written(const Call &call, const ApiRequest &how, const json::object &object) const;
    std::string sent(const Call &call, const ApiRequest &how, const std::string &body) const;
    void check_fields(const Call &call, const Write &write);
    void note_written(const Call &call, const Write &write);
    Managers own() const { return {settings_.field_manager}; }
    std::optional<json::object> look(const Call &call, const Write &write) const;
    std::string applied(const Call &call, const Write &write, bool force) const;
    std::string applied_as_planned(const Call &call, const Write &write, const json::object &live) const;
    std::string put_planned(const Call &call, const Write &write, json::object object) const;
    std::string applied_over_own(const Call &call, const Write &write) const;
    json::object with_fields_taken_over(const Call &call, const Write &write, json::object live) const;
    void wait_until_gone(const Call &call, const Write &write, std::string_view deleted) const;
    void wait_until_served(const Call &call, const std::string &path, const json::object &definition);

    const Host host_;
    const Settings &settings_;
    Proxy proxy_;
    const ApiClient client_;
    Discovery discovery_;
    Schemas schemas_;
    const Aggregation aggregation_;
};

} // namespace rsf::kubectl
