// SPDX-License-Identifier: Apache-2.0
//
// What a replace and an apply leave alone, on a real control plane and through both transports: everything that is the cluster's.
#include "cluster/keep_samples.hpp"

#include <iostream>

namespace {

using namespace rsf;
using namespace rsf::test::keep;

// Takes an object away before and after.
class Scratch {
  public:
    Scratch(FakeHost &host, json::object object) : host_(host), object_(std::move(object)) {
        host_.perform(call_of(RSF_DELETE, object_));
    }
    ~Scratch() { host_.perform(call_of(RSF_DELETE, object_)); }

  private:
    FakeHost &host_;
    const json::object object_;
};

std::string deployment_with(std::string_view template_metadata, std::string_view container) {
    return R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "keep-app", "namespace": "default"}, "spec": {"replicas": 2,
        "selector": {"matchLabels": {"app": "app"}}, "template": {"metadata": {"labels": {"app": "app"})" +
           std::string(template_metadata) + R"(}, "spec": {"containers": [{"name": "main", "image": "registry.example/app:1.0")" +
           std::string(container) + "}]}}}}";
}

constexpr const char *lamps =
    R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "lamps.keep.example"},
    "spec": {"group": "keep.example", "scope": "Namespaced", "names": {"kind": "Lamp", "plural": "lamps", "singular": "lamp"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]},
    "status": {"acceptedNames": {"kind": "", "plural": ""}, "conditions": [], "storedVersions": []}})";

} // namespace

// With exec, each PUT takes several runs of kubectl: there every third kind is tried, or all of them if RESOURCIFIER_KEEP_ALL is
// set.
TEST_CASE("a PUT of what was just read changes nothing but its version, for every kind; one of the original manifest neither") {
    Cluster maker("proxy");
    for (const char *transport : transports) {
        INFO(transport);
        Cluster cluster(transport);
        const bool is_slow = transport == std::string_view("exec");
        const std::size_t step = is_slow && env("RESOURCIFIER_KEEP_ALL").empty() ? 3 : 1;
        const Samples made(maker.host);
        std::size_t kinds = 0, types_seen = 0;
        for (const std::string &type : types()) {
            if (types_seen++ % step != 0) continue;
            FakeCall call;
            call.verb = RSF_LIST;
            call.type = type;
            call.flags = RSF_CALL_ALL_NAMESPACES;
            const FakeAnswer listed = cluster.host.perform(call);
            INFO(type << ": " << listed.message);
            REQUIRE(listed.succeeded);
            const json::array &items = listed.object.at("items").as_array();
            if (items.empty()) std::cout << "skipped: " << type << ": the cluster has none, and there is no sample\n";
            kinds += items.empty() ? 0 : 1;
            std::size_t tried = 0;
            for (const json::value &item : items) {
                if (++tried > (is_slow ? 1 : 3)) break; // of one kind, what a cluster has by itself
                const std::string effect = effect_of_put(cluster.host, item.as_object(), nullptr);
                if (effect == not_there && !made.has(item.as_object())) // other tests delete what they made
                    std::cout << "skipped: one of " << type << ": another test deleted it meanwhile\n";
                else
                    CHECK(effect == "");
            }
        }
        std::cout << transport << ": " << kinds << " kinds put as they were read\n";
        CHECK(kinds >= 45 / step);
        for (std::size_t i = 0; i < made.objects.size(); i += step) {
            const json::object &object = made.objects[i];
            INFO(json::serialize(object));
            if (!is_slow) CHECK(effect_of_put(cluster.host, object, nullptr) == "");
            CHECK(effect_of_put(cluster.host, object, &object) == "");
        }
    }
}

TEST_CASE("a PUT of an APIService that leads nowhere changes nothing but its version") {
    Cluster cluster("proxy");
    for (const json::value &each : samples()) {
        if (!is_api_service(each)) continue;
        const json::object &object = each.as_object();
        const Scratch scratch(cluster.host, object);
        REQUIRE(cluster.host.perform(call_of(RSF_CREATE, object)).succeeded);
        CHECK(effect_of_put(cluster.host, object, nullptr) == "");
        CHECK(effect_of_put(cluster.host, object, &object) == "");
    }
}

TEST_CASE("what is applied again a second later is unchanged, and so is a PUT of it") {
    struct Row {
        const char *name;
        std::string object;
    };
    const Row rows[] = {
        {"quantities",
         deployment_with(
             "",
             R"(, "resources": {"limits": {"cpu": "1000m", "memory": "1.5Gi"}, "requests": {"cpu": "0.1", "memory": "1024Mi"}})")},
        {"an empty map", deployment_with(R"(, "annotations": {})", "")},
        {"a number for a quantity", deployment_with("", R"(, "resources": {"limits": {"cpu": 1}})")},
        {"a port without protocol", deployment_with("", R"(, "ports": [{"containerPort": 80}])")},
        {"a definition with a status", lamps},
        {"a Service",
         R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "keep-app", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}})"},
    };
    for (const char *transport : transports)
        for (const Row &row : rows) {
            INFO(transport << ": " << row.name);
            Cluster cluster(transport);
            const json::object object = parsed(row.object);
            const Scratch scratch(cluster.host, object);
            FakeAnswer answer = cluster.host.perform(call_of(RSF_APPLY, object));
            INFO(answer.message);
            CHECK(answer.outcome == Outcome::created);
            wait_for_another_second();
            answer = cluster.host.perform(call_of(RSF_APPLY, object));
            INFO(answer.message);
            CHECK(answer.outcome == Outcome::unchanged);
            const json::object exported = read(cluster.host, object);
            answer = cluster.host.perform(call_of(RSF_APPLY, exported)); // as it was exported
            INFO(answer.message);
            CHECK(answer.outcome == Outcome::unchanged);
            CHECK(effect_of_put(cluster.host, object, &object) == "");
        }
}

TEST_CASE("an apply takes over what a POST or a PUT of the driver wrote, and nothing of others") {
    const auto map = [](std::string_view data) {
        json::object object =
            parsed(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "keep-legacy", "namespace": "default"}})");
        object["data"] = json::parse(data);
        return object;
    };
    for (const char *transport : transports)
        for (const std::uint32_t first : {RSF_CREATE, RSF_REPLACE}) {
            INFO(transport << " " << first);
            Cluster cluster(transport);
            const Scratch scratch(cluster.host, map("{}"));
            REQUIRE(cluster.host.perform(call_of(RSF_CREATE, map(R"({"keep": "1", "old": "2"})"))).succeeded);
            if (first == RSF_REPLACE)
                REQUIRE(cluster.host.perform(call_of(RSF_REPLACE, map(R"({"keep": "3", "old": "4", "older": "5"})"))).succeeded);
            FakeCall call = call_of(RSF_APPLY, map(R"({"keep": "9"})"));
            call.flags = RSF_CALL_DRY_RUN;
            const json::object before = read(cluster.host, map("{}"));
            FakeAnswer planned = cluster.host.perform(call);
            INFO(planned.message);
            REQUIRE(planned.succeeded);
            CHECK(planned.object.at("data") == json::object{{"keep", "9"}});
            CHECK(read(cluster.host, map("{}")) == before);
            FakeAnswer answer = cluster.host.perform(call_of(RSF_APPLY, map(R"({"keep": "9"})")));
            INFO(answer.message);
            REQUIRE(answer.succeeded);
            CHECK(answer.outcome == Outcome::changed);
            CHECK(answer.object.at("data") == json::object{{"keep", "9"}});

            Cluster other(transport, {{"field_manager", "another"}});
            REQUIRE(other.host.perform(call_of(RSF_REPLACE, map(R"({"keep": "8"})"))).succeeded);
            for (const std::uint32_t flags : {std::uint32_t{RSF_CALL_DRY_RUN}, std::uint32_t{0}}) {
                call = call_of(RSF_APPLY, map(R"({"keep": "7"})"));
                call.flags = flags;
                answer = cluster.host.perform(call);
                CHECK(answer.code == Code::conflict);
                CHECK_THAT(answer.message, ContainsSubstring("another") && ContainsSubstring(".data.keep"));
            }
        }
}

TEST_CASE("a field that a definition gains is known at once, and a misspelt one of a new kind is refused") {
    const auto definition = [](const char *fields) {
        return parsed(
            std::string(
                R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "torches.keep.example"},
            "spec": {"group": "keep.example", "scope": "Namespaced", "names": {"kind": "Torch", "plural": "torches", "singular": "torch"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties":
            {"spec": {"type": "object", "properties": )") +
            fields + "}}}}}]}}");
    };
    const auto torch = [](const char *spec) {
        json::object object =
            parsed(R"({"apiVersion": "keep.example/v1", "kind": "Torch", "metadata": {"name": "one", "namespace": "default"}})");
        object["spec"] = json::parse(spec);
        return object;
    };
    const json::object few = definition(R"({"size": {"type": "integer"}})");
    const json::object more = definition(R"({"size": {"type": "integer"}, "colour": {"type": "string"}})");
    for (const char *transport : transports)
        for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY}) {
            INFO(transport << " " << verb);
            Cluster cluster(transport);
            cluster.host.perform(call_of(RSF_DELETE, torch("{}")));
            const Scratch scratch(cluster.host, few);
            for (const json::object &each : {few, torch(R"({"size": 3})")}) {
                const FakeAnswer answer = cluster.host.perform(call_of(RSF_CREATE, each));
                INFO(answer.message);
                REQUIRE(answer.succeeded);
            }
            FakeAnswer answer = cluster.host.perform(call_of(verb, torch(R"({"size": 3, "colour": "red"})")));
            CHECK(answer.code == Code::invalid);
            CHECK_THAT(answer.message, ContainsSubstring("colour"));
            answer = cluster.host.perform(call_of(verb, more));
            INFO(answer.message);
            REQUIRE(answer.succeeded);
            answer = cluster.host.perform(call_of(verb, torch(R"({"size": 3, "colour": "red"})")));
            INFO(answer.message);
            REQUIRE(answer.succeeded);
            CHECK(answer.object.at("spec").at("colour") == "red");
            CHECK(read(cluster.host, torch("{}")).at("spec").at("colour") == "red");
        }
}

TEST_CASE("what is put with a change keeps what is the cluster's") {
    for (const char *transport : transports) {
        INFO(transport);
        Cluster cluster(transport);
        json::object edge =
            parsed(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "keep-edge", "namespace": "default"},
            "spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": {"app": "edge"}, "ports": [{"name": "web", "port": 80, "protocol": "TCP"}]}})");
        const Scratch service(cluster.host, edge);
        REQUIRE(cluster.host.perform(call_of(RSF_CREATE, edge)).succeeded);
        const json::object before = read(cluster.host, edge);
        edge["metadata"].as_object()["labels"] = json::object{{"tier", "edge"}};
        const FakeAnswer answer = cluster.host.perform(call_of(RSF_REPLACE, edge));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("metadata").at("labels").at("tier") == "edge");
        CHECK(answer.object.at("spec") == before.at("spec"));

        json::object robot = parsed(
            R"({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "keep-counted", "namespace": "default"}})");
        const Scratch account(cluster.host, robot);
        REQUIRE(cluster.host.perform(call_of(RSF_CREATE, robot)).succeeded);
        while (!read(cluster.host, robot).contains("secrets")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const json::value secrets = read(cluster.host, robot).at("secrets");
        for (int i = 0; i < 4; ++i) {
            robot["metadata"].as_object()["labels"] = json::object{{"turn", std::to_string(i)}};
            REQUIRE(cluster.host.perform(call_of(RSF_REPLACE, robot)).succeeded);
        }
        CHECK(read(cluster.host, robot).at("secrets") == secrets);

        const json::object job =
            parsed(R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "keep-migrate", "namespace": "default"},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "registry.example/m:1"}]}}}})");
        const Scratch scratch(cluster.host, job);
        REQUIRE(cluster.host.perform(call_of(RSF_CREATE, job)).succeeded);
        CHECK(effect_of_put(cluster.host, job, &job) == "");
        json::object other = job;
        other.at("spec").at("template").at("spec").at("containers").at(0).as_object()["image"] = "registry.example/m:2";
        const FakeAnswer refused = cluster.host.perform(call_of(RSF_REPLACE, other));
        CHECK(refused.code == Code::invalid);
        CHECK_THAT(refused.message, ContainsSubstring("field is immutable"));
    }
}
