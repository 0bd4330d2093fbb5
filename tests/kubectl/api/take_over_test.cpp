// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/apply_body.hpp"
#include "kubectl/api/bodies/take_over.hpp"

#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::api;

namespace {

json::object fields_from(std::string_view text) { return json::parse(text).as_object(); }

json::object with_managers(std::string_view text) {
    return {{"metadata", json::object{{"resourceVersion", "7"}, {"managedFields", json::parse(text)}}}};
}

const Managers ours{"me", "kubectl-create"};

constexpr const char *helm =
    R"({"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:c": {}}}})";
constexpr const char *created = R"({"manager": "kubectl-create", "operation": "Update", "apiVersion": "v1", "time": "t",
    "fieldsV1": {"f:data": {".": {}, "f:a": {}}}})";
constexpr const char *updated =
    R"({"manager": "me", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:b": {}}}})";
constexpr const char *applied =
    R"({"manager": "me", "operation": "Apply", "apiVersion": "v1", "time": "u", "fieldsV1": {"f:data": {"f:z": {}}}})";
constexpr const char *status =
    R"({"manager": "me", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {"f:b": {}}}})";

std::string entries(std::initializer_list<const char *> all) {
    std::string text = "[";
    for (const char *one : all) text.append(text.size() > 1 ? "," : "").append(one);
    return text + "]";
}

} // namespace

TEST_CASE("the fields of own's updates become fields of own's apply, and those of other managers do not") {
    struct Row {
        const char *name;
        std::string managers;
        const char *taken; // or null
    };
    const Row rows[] = {
        {"nobody's", entries({}), nullptr},
        {"somebody else's", entries({helm}), nullptr},
        {"an apply alone", entries({applied, helm}), nullptr},
        {"a status of one's own", entries({status}), nullptr},
        {"one", entries({helm, created}),
         R"([{"manager": "me", "operation": "Apply", "apiVersion": "v1", "time": "t", "fieldsV1": {"f:data": {".": {}, "f:a": {}}}},
             {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:c": {}}}}])"},
        {"all of them with the apply", entries({created, updated, applied, status}),
         R"([{"manager": "me", "operation": "Apply", "apiVersion": "v1", "time": "u", "fieldsV1": {"f:data": {".": {}, "f:a": {}, "f:b": {}, "f:z": {}}}},
             {"manager": "me", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {"f:b": {}}}}])"},
        {"what is no entry stays", R"([1, {"manager": "me", "operation": "Update", "fieldsV1": {"f:a": {}}}])",
         R"([{"manager": "me", "operation": "Apply", "fieldsV1": {"f:a": {}}}, 1])"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::optional<json::array> taken = taken_over(with_managers(row.managers), ours);
        REQUIRE(taken.has_value() == (row.taken != nullptr));
        if (taken) CHECK(json::value(*taken) == json::parse(row.taken));
    }
    CHECK_FALSE(taken_over({}, ours));
    CHECK_FALSE(taken_over({{"metadata", nullptr}}, ours));
}

TEST_CASE("the patch that takes fields over applies only to the version that was read") {
    const json::array patch = patch_of_managers(with_managers(entries({created})), {1});
    CHECK(json::value(patch) == json::parse(R"([{"op": "replace", "path": "/metadata/managedFields", "value": [1]},
                                                {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}])"));
}

TEST_CASE("an apply would remove the fields of own's updates that neither the apply nor another manager has") {
    // Who applies does not own the mapping itself.
    const json::object after = with_managers(
        R"([{"manager": "me", "operation": "Apply", "fieldsV1": {"f:data": {"f:a": {}}}},
            {"manager": "helm", "operation": "Update", "fieldsV1": {"f:data": {"f:c": {}}}}])");
    const json::object before = with_managers(
        R"([{"manager": "me", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}, "f:b": {}, "f:c": {}}, "f:spec": {"f:x": {}}}}])");
    const json::object gone = given_up(before, after, ours);
    CHECK(json::value(gone) == json::parse(R"({"f:data": {"f:b": {}}, "f:spec": {"f:x": {}}})"));
    json::object object = fields_from(R"({"data": {"a": "1", "b": "2", "c": "3"}, "spec": {"x": [1]}})");
    take_out(gone, object);
    CHECK(json::value(object) == json::parse(R"({"data": {"a": "1", "c": "3"}})"));
}

TEST_CASE("fields are taken out of lists by their keys and values") {
    json::object object =
        fields_from(R"({"ports": [{"port": 80, "x": 1}, {"port": 81, "protocol": "UDP"}], "set": ["a", "b"], "all": [1]})");
    take_out(
        fields_from(
            R"({"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {"f:x": {}}, "k:{\"port\":81,\"protocol\":\"UDP\"}": {".": {}},
        "k:{\"port\":82}": {".": {}}}, "f:set": {"v:\"a\"": {}}, "f:all": {}, "f:none": {"f:x": {}}, "f:set2": 1})"),
        object);
    CHECK(json::value(object) == json::parse(R"({"ports": [{"port": 80}], "set": ["b"]})"));
}

TEST_CASE("a conflict with own's managers is told from one with others") {
    CHECK(conflicts_with_own_only(R"(Apply failed with 1 conflict: conflict with "me" using v1: .data.a)", ours));
    CHECK(conflicts_with_own_only("Apply failed with 3 conflicts: conflicts with \"me\" using v1:\n- .data.a\n- .data.b\n"
                                  "conflicts with \"kubectl-create\" using v1:\n- .data.c",
                                  ours));
    CHECK_FALSE(conflicts_with_own_only(R"(conflict with "me": .a conflict with "helm": .b)", ours));
    CHECK_FALSE(conflicts_with_own_only(R"(conflicts with "helm":)", ours));
    CHECK_FALSE(conflicts_with_own_only("the object has been modified", ours));
    CHECK_FALSE(conflicts_with_own_only("conflict with \"me", {}));
}

TEST_CASE("an exported object is applied without what only servers write") {
    const json::object exported =
        fields_from(R"({"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "labels": {"a": "b"}, "uid": "u",
        "resourceVersion": "7", "managedFields": [], "selfLink": "/x", "creationTimestamp": "t", "generation": 3}, "spec": {}, "status": {}})");
    CHECK(json::value(apply_body(exported, true)) ==
          json::parse(R"({"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {}})"));
    CHECK(apply_body(exported, false).contains("status"));
    CHECK(apply_body({{"metadata", 1}}, true) == json::object{{"metadata", 1}});
}

TEST_CASE("whether an apply changed anything is in the fields, not in the version") {
    struct Row {
        const char *name, *before, *after;
        bool same;
    };
    const Row rows[] = {
        {"one version, as in a dry run", R"({"metadata": {"resourceVersion": "1"}, "a": 1})",
         R"({"metadata": {"resourceVersion": "1"}, "a": 2})", false},
        {"one version", R"({"metadata": {"resourceVersion": "1"}, "a": 1})", R"({"metadata": {"resourceVersion": "1"}, "a": 1})",
         true},
        {"times of managers", R"({"metadata": {"resourceVersion": "1", "managedFields": [1]}})",
         R"({"metadata": {"resourceVersion": "2", "managedFields": [2]}})", true},
        {"a field", R"({"metadata": {"resourceVersion": "1"}, "a": 1})", R"({"metadata": {"resourceVersion": "2"}, "a": 2})",
         false},
        {"a label", R"({"metadata": {"resourceVersion": "1"}})",
         R"({"metadata": {"resourceVersion": "2", "labels": {"a": "b"}}})", false},
        {"a status that a controller wrote", R"({"metadata": {"resourceVersion": "1", "generation": 1}, "status": 1})",
         R"({"metadata": {"resourceVersion": "2", "generation": 1}, "status": 2})", true},
        {"a status that is a field", R"({"metadata": {"resourceVersion": "1", "generation": 1}, "status": 1})",
         R"({"metadata": {"resourceVersion": "2", "generation": 2}, "status": 2})", false},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(same_content(fields_from(row.before), fields_from(row.after)) == row.same);
    }
}
