// SPDX-License-Identifier: Apache-2.0
//
// The objects that keep_test.cpp writes to a real control plane, and the driver that it writes them with.
#pragma once

#include "cluster/truth_kinds.hpp"
#include "kubectl/kubectl_driver.hpp"
#include "parse/document.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

#include <resourcifier/fake_host.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rsf::test::keep {

inline std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

struct Cluster {
    explicit Cluster(const char *transport, json::object more = {})
        : host(driver_entry<kubectl::KubectlDriver>, settings(transport, std::move(more))) {}
    static json::object settings(const char *transport, json::object more) {
        more.emplace("kubectl", env("RESOURCIFIER_KUBECTL"));
        more.emplace("transport", transport);
        more.emplace("config", env("KUBECONFIG"));
        return more;
    }
    FakeHost host;
};

inline constexpr const char *transports[] = {"proxy", "exec"};

inline json::object parsed(std::string_view text) { return json::parse(text).as_object(); }

inline std::string text_of(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : "";
}

inline FakeCall call_of(std::uint32_t verb, const json::object &object) {
    FakeCall call;
    call.verb = verb;
    call.type = text_of(object, "kind");
    call.name = text_of(object.at("metadata").as_object(), "name");
    call.object = json::serialize(object);
    call.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return call;
}

// "Deployment.apps", as a type.
inline std::string type_of(const json::object &object) {
    const std::string api_version = text_of(object, "apiVersion");
    const auto slash = api_version.find('/');
    if (slash == std::string::npos) return text_of(object, "kind");
    return text_of(object, "kind") + "." + api_version.substr(slash + 1) + "." + api_version.substr(0, slash);
}

inline json::object read(FakeHost &host, const json::object &object) {
    FakeCall call;
    call.type = type_of(object);
    call.name = text_of(object.at("metadata").as_object(), "name");
    call.ns = text_of(object.at("metadata").as_object(), "namespace");
    const FakeAnswer answer = host.perform(call);
    return answer.succeeded ? answer.object.as_object() : json::object();
}

inline json::object without_version(json::object object) {
    for (const char *key : {"resourceVersion", "managedFields"}) object.at("metadata").as_object().erase(key);
    return object;
}

inline constexpr const char *not_there = "it is not there";

// What an object is after a PUT that it was not before, or what refused the PUT; empty: nothing. Controllers write, too, so that
// one look may mislead, and the object that was read may be an old one when it is put.
inline std::string effect_of_put(FakeHost &host, const json::object &identity, const json::object *manifest) {
    std::string effect;
    for (int turn = 0; turn < 20; ++turn) {
        const json::object before = read(host, identity);
        if (before.empty()) return not_there;
        const FakeAnswer answer = host.perform(call_of(RSF_REPLACE, manifest ? *manifest : before));
        if (answer.succeeded)
            effect = difference(without_version(before), without_version(read(host, identity)));
        else
            effect = answer.message;
        if (effect.empty()) return {};
    }
    return effect;
}

inline json::array samples() {
    json::array all;
    const Specimens specimens = read_specimens();
    for (const Specimen *each : specimens.of({"new"})) all.emplace_back(each->posted);
    const auto read = parse::read_yaml(read_file(TEST_SOURCE_DIR "/cluster/keep.yaml"), {});
    if (!read) throw std::runtime_error(to_string(read.error()));
    for (const json::value &each : read->value.as_array()) all.push_back(each);
    return all;
}

inline bool is_api_service(const json::value &sample) { return sample.at("kind") == "APIService"; }

// Makes what is not there, and takes it away at the end. Not an APIService: as long as one leads nowhere, every kubectl of the
// tests looks for what is behind it.
class Samples {
  public:
    explicit Samples(FakeHost &host) : host_(host) {
        for (const json::value &each : read_specimens().before) make(each.as_object());
        for (const json::value &each : samples())
            if (!is_api_service(each) && make(each.as_object())) objects.push_back(each.as_object());
    }
    ~Samples() {
        for (auto each = made_.rbegin(); each != made_.rend(); ++each) {
            FakeCall call = call_of(RSF_DELETE, *each);
            call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
            host_.perform(call);
        }
    }
    std::vector<json::object> objects;

    bool has(const json::object &object) const {
        const std::string identity = identity_of(object);
        return std::any_of(objects.begin(), objects.end(),
                           [&](const json::object &each) { return identity_of(each) == identity; });
    }

  private:
    bool make(const json::object &object) {
        const FakeAnswer answer = host_.perform(call_of(RSF_CREATE, object));
        INFO(text_of(object, "kind") << ": " << answer.message);
        CHECK((answer.succeeded || answer.code == Code::already_exists));
        if (answer.succeeded) made_.push_back(object);
        return answer.succeeded || answer.code == Code::already_exists;
    }

    FakeHost &host_;
    std::vector<json::object> made_;
};

// Types that can be read and put, as the cluster says: "deployments.apps".
inline std::vector<std::string> types() {
    std::vector<std::string> result;
    FILE *pipe = ::popen("\"$RESOURCIFIER_KUBECTL\" api-resources --verbs=get,list,update,create -o name", "r");
    REQUIRE(pipe != nullptr);
    char line[256];
    while (std::fgets(line, sizeof line, pipe)) result.emplace_back(line, std::strcspn(line, "\n"));
    CHECK(::pclose(pipe) == 0);
    return result;
}

// Until managedFields that are written now have another time than those that were written before.
inline void wait_for_another_second() {
    for (const std::time_t begin = std::time(nullptr); std::time(nullptr) - begin < 2;)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

} // namespace rsf::test::keep
