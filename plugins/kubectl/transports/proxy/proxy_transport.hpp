// SPDX-License-Identifier: Apache-2.0
//
// Calls as requests to the Kubernetes API through one running `kubectl proxy`, which does what concerns the connection to the
// cluster: address, TLS, credentials. Thread-safe.
#pragma once

#include "kubectl/api/bodies/managed_fields.hpp"
#include "kubectl/api/bodies/posted.hpp"
#include "kubectl/api/types/aggregation.hpp"
#include "kubectl/api/types/discovery.hpp"
#include "kubectl/api/types/schemas.hpp"
#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/environment.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/transports/proxy/api_client.hpp"
#include "kubectl/transports/proxy/proxy.hpp"
#include "kubectl/transports/type_name.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rsf::kubectl::transports {

class ProxyTransport : public Driver {
  public:
    // All but host outlive it.
    ProxyTransport(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                   const settings::Environment &environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    Result apply(const Call &call) override;
    json::object health() const override { return proxy_.health(); }
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;
    Settlement settle(const Call &call) override;
    TypeName kind(const Call &call) override { return type_name(call, discovery_, true); }

  private:
    // The object of a write, and its place in the API.
    struct Write {
        api::Posted posted;
        api::ApiType type;
        std::string ns; // empty: its kind has none
        std::string path() const { return type.path(ns, posted.identity.name); }
        kubernetes::Identity identity() const { return {type.api_version, type.kind, posted.identity.name, ns}; }
    };
    static constexpr int most_turns = 8; // of a write whose object was changed meanwhile

    Result list(const Call &call, const api::ApiType &type) const;
    Result get(const Call &call, const api::ApiType &type) const;
    template <class Read, class Find> Result read_twice(const Call &call, Read read, Find find);
    Write prepare(const Call &call);
    std::optional<Write> prepare_moved(const Call &call, const api::Posted &posted);
    Settlement settle(const Call &call, const Write &write) const;
    Result remove(const Call &call, const Write &write);
    std::string ns_of(const Call &call, const api::ApiType &type, std::string_view ns) const;
    json::object read(const Call &call, const std::string &path) const;
    json::object read_live(const Call &call, const Write &write) const;
    std::string written(const Call &call, const ApiRequest &how, const json::object &object) const;
    std::string sent(const Call &call, const ApiRequest &how, const std::string &body) const;
    static void check_revision(const Call &call, const Write &write, const json::object &live);
    void check_fields(const Call &call, const Write &write);
    void note_written(const Call &call, const Write &write);
    api::Managers own() const { return {settings_.field_manager}; }
    std::optional<json::object> read_if_there(const Call &call, const Write &write) const;
    std::string applied(const Call &call, const Write &write, bool force) const;
    std::string applied_as_planned(const Call &call, const Write &write, const json::object &live) const;
    std::string put_planned(const Call &call, const Write &write, json::object object) const;
    std::string applied_over_own(const Call &call, const Write &write) const;
    json::object with_fields_taken_over(const Call &call, const Write &write, json::object live) const;
    void wait_until_gone(const Call &call, const Write &write, std::string_view deleted) const;
    void wait_until_served(const Call &call, const std::string &path, const json::object &definition);

    const Host host_;
    const settings::Settings &settings_;
    Proxy proxy_;
    const ApiClient client_;
    api::Discovery discovery_;
    api::Schemas schemas_;
    const api::Aggregation aggregation_;
};

} // namespace rsf::kubectl::transports
