// SPDX-License-Identifier: Apache-2.0
//
// What the tests against a real control plane share: in the environment of ./dev cluster env, with its kubectl and with those
// that RESOURCIFIER_TEST_KUBECTLS names, absolute paths separated by colons. Not thread-safe.
#pragma once

#include "kubectl/kubectl_driver.hpp"

#include <resourcifier/fake_host.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::live {

inline std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

inline std::vector<std::string> kubectls() {
    std::vector<std::string> result{env("RESOURCIFIER_KUBECTL")};
    const std::string list = env("RESOURCIFIER_TEST_KUBECTLS");
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(':', at), list.size());
        if (end > at) result.push_back(list.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

inline bool has_cluster() {
    if (!env("RESOURCIFIER_KUBECTL").empty()) return true;
    std::cout << "skipped: there is no test cluster; see ./dev cluster\n";
    return false;
}

inline json::object config_map(std::string_view name, std::string_view value, std::string_view ns = {}) {
    json::object object = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {}})").as_object();
    object["metadata"].as_object()["name"] = name;
    if (!ns.empty()) object["metadata"].as_object()["namespace"] = ns;
    object["data"].as_object()["a"] = value;
    return object;
}

inline json::object object(std::string_view text) { return json::parse(text).as_object(); }

// One kubectl and one transport: what is promised holds for each.
struct Way {
    std::string kubectl, transport;
};

inline std::vector<Way> ways() {
    std::vector<Way> result;
    for (const std::string &kubectl : kubectls())
        for (const char *transport : {"proxy", "exec"}) result.push_back({kubectl, transport});
    return result;
}

struct Cluster {
    explicit Cluster(const Way &way, json::object more = {})
        : host(driver_entry<kubectl::KubectlDriver>, settings(way, std::move(more))) {
        remove_all();
    }
    ~Cluster() { remove_all(); }

    static json::object settings(const Way &way, json::object more) {
        more.emplace("kubectl", way.kubectl);
        more.emplace("transport", way.transport);
        more.emplace("config", env("KUBECONFIG"));
        return more;
    }
    void remove_all() {
        for (const char *name : {"rsf-one", "rsf-two"}) host.remove("cm", name, config_map(name, "", "default"));
    }

    FakeHost host;
};

} // namespace rsf::live
