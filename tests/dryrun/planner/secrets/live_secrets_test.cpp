// SPDX-License-Identifier: Apache-2.0
//
// The values of live Secrets are known before any step is shown, also of Secrets that the configuration names by references.
#include "dryrun/planner/fake_target.hpp"
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

constexpr const char *value = "Kq81zekretPW-77xx", *value_in_base64 = "S3E4MXpla3JldFBXLTc3eHg=";

json::object object_of(const std::string &api_version, const std::string &kind, const std::string &name, const std::string &more,
                       const std::string &metadata = R"(, "namespace": "shop")") {
    return parse_object(R"({"apiVersion": ")" + api_version + R"(", "kind": ")" + kind + R"(", "metadata": {"name": ")" + name +
                        '"' + metadata + "}" + more + "}");
}

json::object held_map() {
    return object_of(
        "v1", "ConfigMap", "settings", R"(, "data": {"p": ")" + std::string(value) + R"(", "s.name": "db"})",
        R"(, "namespace": "shop", "uid": "1b4e28ba", "labels": {"q": "db"}, "annotations": {"example.com/secret": "db"})");
}

json::object held_secret() {
    return object_of("v1", "Secret", "db", R"(, "data": {"p": ")" + std::string(value_in_base64) + "\"}");
}

// What the cluster has: a ConfigMap that holds a copy of a Secret's value, and that Secret.
json::object cluster(const FakeTarget::Asked &asked) {
    if (asked.dry_run) return asked.object;
    if (asked.verb == RSF_LIST) {
        if (asked.type != "Secret") return {{"items", json::array{}}};
        return {{"kind", "SecretList"}, {"items", json::array{held_secret()}}};
    }
    for (json::object held : {held_map(), held_secret()})
        if (asked.type.starts_with(std::string(held.at("kind").as_string())) && asked.name == find_text(held, "metadata.name") &&
            asked.ns == find_text(held, "metadata.namespace"))
            return held;
    throw Error(Code::not_found, "not there");
}

bool shows_value(const json::object &step) {
    const std::string text = json::serialize(step);
    return text.find(value) != text.npos || text.find(value_in_base64) != text.npos;
}

} // namespace

TEST_CASE("values of live Secrets are masked in earlier steps, however the configuration names the Secret") {
    const auto secret = [](const std::string &name, const std::string &ns, const std::string &api_version = "v1",
                           const std::string &kind = "Secret") {
        return object_of(api_version, kind, name, R"(, "stringData": {"p": "another-one-1"})", R"(, "namespace": ")" + ns + '"');
    };
    struct Row {
        const char *title;
        json::object secret;
        const char *labels = R"(, "labels": {"q": "db"})"; // of the ConfigMap as posted
    };
    const Row rows[] = {
        {"in plain words", secret("db", "shop")},
        {"its name is a label as posted", secret("$(ref.r0.metadata.labels.q)", "shop")},
        {"its name is a label that only the live object has", secret("$(ref.r0.metadata.labels.q)", "shop"), ""},
        {"its name is another now", secret("$(ref.r0.metadata.labels.q)", "shop"), R"(, "labels": {"q": "elsewhere"})"},
        {"its name is a key with dots", secret("$(ref.r0.metadata.annotations['example.com/secret'])", "shop")},
        {"its name is a part", secret("d$(ref.r1.metadata.labels.b)", "shop")},
        {"its namespace", secret("db", "$(ref.r0.metadata.namespace)")},
        {"its namespace is the name of a Namespace", secret("db", "$(ref.r2.name)")},
        {"by two references, one after the other", secret("db", "$(ref.r1.metadata.namespace)")},
        {"its name is a value that is only known later", secret("$(ref.r3.status.secret)", "shop")},
        {"its namespace is one", secret("db", "$(ref.r3.status.space)")},
        {"its apiVersion", secret("db", "shop", "$(ref.r0.apiVersion)")},
        {"its kind", secret("db", "shop", "v1", "$(ref.r1.metadata.labels.k)")},
        {"a version that there is not", secret("db", "shop", "v2")},
        {"a group that there is not", secret("db", "shop", "core/v1")},
        {"the kind of its API's path", secret("db", "shop", "v1", "Secrets")},
    };
    for (const Row &row : rows) {
        for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY, RSF_DELETE}) {
            INFO(row.title << ", " << verb);
            FakeTarget target(cluster);
            const std::vector<json::object> steps = target.plan(
                verb,
                {object_of("v1", "ConfigMap", "settings", R"(, "data": {"p": "changed"})",
                           R"(, "namespace": "shop")" + std::string(row.labels)),
                 object_of("v1", "ConfigMap", "words", "",
                           R"~(, "namespace": "$(ref.r0.metadata.namespace)", "labels": {"b": "b", "k": "Secret"})~"),
                 object_of("v1", "Namespace", "shop", "", ""), object_of("example.com/v1", "Vault", "new", ""), row.secret});
            CHECK(steps[0].at("action") == (verb == RSF_DELETE ? "delete" : "update"));
            CHECK_FALSE(shows_value(steps[0]));
        }
    }
    FakeTarget target(cluster);
    CHECK(shows_value(target.plan(RSF_REPLACE, {object_of("v1", "ConfigMap", "settings", "")}).front()));
}

TEST_CASE("a live value that a reference brings into a Secret is masked in earlier steps") {
    FakeTarget target([](const FakeTarget::Asked &asked) {
        if (asked.type == "Secret") throw Error(Code::not_found, "not there");
        return cluster(asked);
    });
    const std::vector<json::object> steps =
        target.plan(RSF_APPLY, {object_of("v1", "ConfigMap", "settings", R"(, "data": {"more": "changed"})"),
                                object_of("v1", "Secret", "copy", R"~(, "stringData": {"p": "$(ref.r0.data.p)"})~")});
    CHECK(steps[0].at("action") == "update");
    CHECK_FALSE(shows_value(steps[0]));
}

TEST_CASE("references that form a cycle are not followed for ever") {
    FakeTarget target(cluster);
    const auto circle = [](const char *name, const char *other) {
        return object_of("v1", "Secret", std::string("$(ref.") + other + ".metadata.name)", "",
                         std::string(R"(, "namespace": "shop", "labels": {"a": ")") + name + "\"}");
    };
    CHECK(target.plan(RSF_REPLACE, {circle("r0", "r1"), circle("r1", "r0"), circle("r2", "r2")}).size() == 3);
}

TEST_CASE("no object is shown when the cluster does not answer which Secrets exist") {
    FakeTarget target([](const FakeTarget::Asked &asked) -> json::object {
        if (asked.verb == RSF_LIST) throw Error(Code::unavailable, "busy", Retry::later);
        return cluster(asked);
    });
    const json::object step =
        target
            .plan(RSF_APPLY, {object_of("v1", "ConfigMap", "settings", ""),
                              object_of("v1", "Secret", "$(ref.r0.status.x)", R"(, "stringData": {"p": "another-one-1"})")})
            .front();
    CHECK(step.at("action") == "failed");
    CHECK_FALSE(shows_value(step));
}
