// SPDX-License-Identifier: Apache-2.0
//
// test_cluster.hpp: a dryrun driver behind a fake host, and short calls for tests. Thread-safe as the driver is.
#pragma once

#include "support/temp_folder.hpp"

#include <dryrun/dryrun_driver.hpp>

#include <resourcifier/fake_host.hpp>

#include <string>

namespace rsf::dryrun {

inline json::object parsed(std::string_view text) { return json::parse(text).as_object(); }

inline json::object config_map(std::string_view name, std::string_view ns = {}) {
    json::object metadata{{"name", name}};
    if (!ns.empty()) metadata["namespace"] = ns;
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata}};
}

inline json::object name_space(std::string_view name) {
    return {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", json::object{{"name", name}}}};
}

inline json::object service(std::string_view name, json::object spec = {}) {
    if (!spec.contains("ports")) spec["ports"] = json::array{json::object{{"port", 80}}};
    return {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", json::object{{"name", name}}}, {"spec", spec}};
}

inline json::object deployment(std::string_view name) {
    json::object object = parsed(R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "x"}},
                 "spec": {"containers": [{"name": "main", "image": "nginx"}]}}}})");
    object["metadata"].as_object()["name"] = name;
    return object;
}

inline json::object widget_definition() {
    return parsed(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced",
                 "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
                 "versions": [{"name": "v1", "served": true, "storage": true}, {"name": "v1beta1", "served": true, "storage": false},
                              {"name": "v1alpha1", "served": false, "storage": false}]}})");
}

inline json::object widget(std::string_view name) {
    return {{"apiVersion", "example.com/v1"}, {"kind", "Widget"}, {"metadata", json::object{{"name", name}}}};
}

using rsf::test::TempFolder;

class TestCluster {
  public:
    explicit TestCluster(json::object settings = {}) : host_(driver_entry<DryrunDriver>, std::move(settings)) {}

    FakeAnswer create(const json::object &object) { return host_.create({}, {}, object); }
    FakeAnswer replace(const json::object &object) { return host_.replace({}, {}, object); }
    FakeAnswer remove(const json::object &object) { return host_.remove({}, {}, object); }
    FakeAnswer apply(const json::object &object) { return host_.apply({}, {}, object); }
    FakeAnswer get(const std::string &type, const std::string &name, const std::string &ns = {}) {
        FakeCall call;
        call.type = type;
        call.name = name;
        call.ns = ns;
        return host_.perform(call);
    }
    FakeAnswer list(const std::string &type, const std::string &labels = {}, const std::string &fields = {}) {
        FakeCall call;
        call.verb = RSF_LIST;
        call.type = type;
        call.flags = RSF_CALL_ALL_NAMESPACES;
        call.label_selector = labels;
        call.field_selector = fields;
        return host_.perform(call);
    }
    // "a b c": the names in a list, in its order.
    std::string names(const std::string &type, const std::string &labels = {}, const std::string &fields = {}) {
        const FakeAnswer answer = list(type, labels, fields);
        if (!answer.succeeded) return answer.message;
        std::string all;
        for (const json::value &item : answer.object.at("items").as_array())
            all += (all.empty() ? "" : " ") + std::string(item.at("metadata").at("name").as_string());
        return all;
    }
    FakeHost &host() { return host_; }

  private:
    FakeHost host_;
};

// The value at "metadata.uid" or "spec.ports.0.nodePort", as JSON; empty: not there.
inline std::string at(const json::value &value, std::string_view path) {
    const json::value *here = &value;
    for (std::string_view rest = path; !rest.empty();) {
        const auto dot = std::min(rest.find('.'), rest.size());
        const std::string step(rest.substr(0, dot));
        if (here->is_object())
            here = here->get_object().if_contains(step);
        else
            here = here->is_array() ? here->get_array().if_contains(std::stoul(step)) : nullptr;
        if (!here) return {};
        rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    return here->is_string() ? std::string(here->get_string()) : json::serialize(*here);
}

} // namespace rsf::dryrun
