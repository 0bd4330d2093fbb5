// SPDX-License-Identifier: Apache-2.0
//
// Text over all of Unicode and numbers, through every verb and transport to a real API server and back. In the environment of
// ./dev cluster env.
#include "support/catch.hpp"
#include "support/random_text.hpp"

#include "kubectl/api/bodies/apply_text.hpp"
#include "kubectl/kubectl_driver.hpp"

#include <resourcifier/fake_host.hpp>

#include <cstdlib>
#include <iostream>

namespace {

using namespace rsf;

std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

bool has_cluster() {
    if (!env("RESOURCIFIER_KUBECTL").empty()) return true;
    std::cout << "skipped: there is no test cluster; see ./dev cluster\n";
    return false;
}

bool kubectl_refuses(const json::object &object) try {
    kubectl::api::check_kubectl_can_apply(object);
    return false;
} catch (const Error &) {
    return true;
}

// as_kubectl_applies: without what kubectl's apply can't pass on.
json::object random_map(test::RandomText &random, bool as_kubectl_applies) {
    json::object data, annotations;
    const auto add = [&](json::object &to, const std::string &key, const std::string &value) {
        const json::object alone{{key, value}};
        if (!as_kubectl_applies || !kubectl_refuses(alone)) to[key] = value;
    };
    for (int i = 0; i < 1500; ++i) add(data, "k" + std::to_string(i), random.text(30));
    for (int i = 0; i < 200; ++i) add(annotations, "example.com/k" + std::to_string(i), random.text());
    // What apply changed once, and what looks like a number.
    add(data, "nel", "a\u0085b");
    add(data, "ps", "a\u2029 b\u2028");
    add(data, "del", "\x7F\u0080\u009F");
    add(data, "no-characters", "\uFFFE\uFFFF");
    add(data, "number", "5E-1");
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", json::object{{"name", "rsf-text"}, {"namespace", "default"}, {"annotations", annotations}}},
            {"data", data}};
}

bool is_apply(std::string_view verb) { return verb.starts_with("apply"); }

// kubectl and the API server may add annotations of their own.
std::size_t differing(const json::object &posted, const json::value &live) {
    std::size_t count = posted.at("data") == live.at("data") ? 0 : 1;
    const json::object &held = live.at("metadata").at("annotations").as_object();
    for (const auto &[key, value] : posted.at("metadata").at("annotations").as_object()) {
        const json::value *kept = held.if_contains(key);
        if (!kept || *kept != value) ++count;
    }
    return count;
}

json::object pod_with_cpu(const json::value &cpu) {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", json::object{{"name", "rsf-text"}, {"namespace", "default"}}},
            {"spec", json::object{{"containers", json::array{json::object{
                                                     {"name", "a"},
                                                     {"image", "a"},
                                                     {"resources", json::object{{"requests", json::object{{"cpu", cpu}}}}}}}}}}};
}

} // namespace

TEST_CASE("text over all of Unicode is kept by a real cluster as it was posted, by every verb and transport") {
    if (!has_cluster()) return;
    for (const char *transport : {"proxy", "exec"}) {
        INFO(transport);
        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      {{"kubectl", env("RESOURCIFIER_KUBECTL")}, {"transport", transport}, {"config", env("KUBECONFIG")}});
        test::RandomText random(5);
        const bool is_exec = transport == std::string_view("exec");
        host.remove("cm", "rsf-text", random_map(random, false));
        for (const char *verb : {"create", "replace", "apply", "apply again"}) {
            INFO(verb);
            const json::object object = random_map(random, is_exec && is_apply(verb));
            FakeCall call;
            call.verb = verb == std::string_view("create")    ? RSF_CREATE
                        : verb == std::string_view("replace") ? RSF_REPLACE
                                                              : RSF_APPLY;
            call.type = "ConfigMap";
            call.name = "rsf-text";
            call.object = json_text(object);
            const FakeAnswer done = host.perform(call);
            INFO(done.message);
            REQUIRE(done.succeeded);
            CHECK(differing(object, done.object) == 0);
            const FakeAnswer read = host.get("cm", "rsf-text");
            REQUIRE(read.succeeded);
            CHECK(differing(object, read.object) == 0);
            if (call.verb == RSF_REPLACE) REQUIRE(host.remove("cm", "rsf-text", object).succeeded);
        }
        host.remove("cm", "rsf-text", random_map(random, false));
    }
}

TEST_CASE("what kubectl's apply would change is refused with its place, and nothing is written") {
    if (!has_cluster()) return;
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  {{"kubectl", env("RESOURCIFIER_KUBECTL")}, {"transport", "exec"}, {"config", env("KUBECONFIG")}});
    json::object object{{"apiVersion", "v1"},
                        {"kind", "ConfigMap"},
                        {"metadata", json::object{{"name", "rsf-text"}, {"namespace", "default"}}},
                        {"data", json::object{{"nel", "a\u0085b"}}}};
    host.remove("cm", "rsf-text", object);
    FakeCall call;
    call.verb = RSF_APPLY;
    call.type = "ConfigMap";
    call.name = "rsf-text";
    call.object = json_text(object);
    const FakeAnswer refused = host.perform(call);
    CHECK(refused.code == Code::invalid);
    CHECK_THAT(refused.message, ContainsSubstring("data.nel holds the character U+0085"));
    CHECK(host.get("cm", "rsf-text").code == Code::not_found);
}

TEST_CASE("a number keeps the spelling that kubectl gives it") {
    if (!has_cluster()) return;
    for (const char *transport : {"proxy", "exec"}) {
        INFO(transport);
        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      {{"kubectl", env("RESOURCIFIER_KUBECTL")}, {"transport", transport}, {"config", env("KUBECONFIG")}});
        const json::object pod = pod_with_cpu(0.5);
        host.remove("Pod", "rsf-text", pod);
        FakeCall call;
        call.verb = RSF_CREATE;
        call.type = "Pod";
        call.name = "rsf-text";
        call.object = json_text(pod);
        call.flags = RSF_CALL_DRY_RUN;
        const FakeAnswer made = host.perform(call);
        INFO(made.message);
        REQUIRE(made.succeeded);
        CHECK(made.object.at("spec").at("containers").at(0).at("resources").at("requests").at("cpu") == "500m");
    }
}
