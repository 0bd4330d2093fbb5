// SPDX-License-Identifier: Apache-2.0
//
// Applies over the proxy: which requests they become, dry runs too, and how an outcome is told.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"

namespace {

using namespace rsf::kubectl::proxied;

} // namespace

TEST_CASE("an apply is a PATCH as a field manager; its outcome is told by what was there") {
    struct Row {
        const char *name;
        FakeReply before, after;
        Outcome outcome;
    };
    json::value changed = live, later = live;
    changed.at("metadata").as_object()["resourceVersion"] = "8";
    changed.at("data").as_object()["a"] = "c";
    later.at("metadata").as_object()["resourceVersion"] = "8"; // its managedFields have another time
    for (const Row &row :
         {Row{"new", kubectl::refusal(404, "NotFound", "no"), {201, json::serialize(live)}, Outcome::created},
          Row{"changed", ok(live), ok(changed), Outcome::changed}, Row{"as it was", ok(live), ok(live), Outcome::unchanged},
          Row{"a second later", ok(live), ok(later), Outcome::unchanged}}) {
        INFO(row.name);
        Fake fake([&](const FakeRequest &request) {
            if (!request.target.starts_with(at_x)) return not_mine;
            return request.method == "GET" ? row.before : row.after;
        });
        const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
        INFO(answer.message);
        CHECK(answer.succeeded);
        CHECK(answer.outcome == row.outcome);
        CHECK(fake.api.last().line() ==
              std::string("PATCH ") + at_x + "?force=false&fieldManager=resourcifier&fieldValidation=Strict");
        CHECK(fake.api.last().content_type == "application/apply-patch+yaml");
        CHECK(json::parse(fake.api.last().body) == config_map());
    }
    const json::array causes{{{"reason", "FieldManagerConflict"}, {"message", "conflict with \"helm\""}, {"field", ".data.a"}}};
    Fake fake(
        answering("PATCH", {kubectl::refusal(409, "Conflict", "Apply failed with 1 conflict: conflict with \"helm\": .data.a",
                                             {{"causes", causes}})}),
        {{"field_manager", "me"}, {"force", true}});
    const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
    CHECK(answer.code == Code::conflict);
    CHECK_THAT(answer.message, ContainsSubstring("conflict with \"helm\": .data.a"));
    CHECK(answer.details.at("causes") == causes);
    CHECK_THAT(fake.api.last().target, ContainsSubstring("?force=true&fieldManager=me&"));
}

namespace {

// live, as this driver created it and somebody else added to it.
json::value with_own_update() {
    json::value object = live;
    object.at("data").as_object()["old"] = "1";
    object.at("metadata").as_object()["managedFields"] = json::parse(
        R"([{"manager": "resourcifier", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}, "f:old": {}}}},
                        {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:h": {}}}}])");
    return object;
}

FakeReply conflict_with(std::string_view manager) {
    return refusal(409, "Conflict",
                   "Apply failed with 1 conflict: conflict with \"" + std::string(manager) + "\" using v1: .data.a");
}

} // namespace

TEST_CASE("an apply to what the driver made before takes its fields over first, and again after a conflict") {
    std::atomic<int> patches{0};
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.content_type == "application/json-patch+json" && patches++ == 0)
            return refusal(409, "Conflict", "the object has been modified");
        return ok(request.method == "GET" ? with_own_update() : live);
    });
    const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
    INFO(answer.message);
    CHECK(answer.outcome == Outcome::unchanged); // the fake's answer to the patch is what the apply made
    const std::string patch = std::string("PATCH ") + at_x + written, get = std::string("GET ") + at_x;
    CHECK(fake.requests() ==
          Lines{get, patch, get, patch,
                std::string("PATCH ") + at_x + "?force=false&fieldManager=resourcifier&fieldValidation=Strict"});
}

TEST_CASE("a dry run of such an apply takes nothing over, forces no other manager, and shows what would be removed") {
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    std::string manager = "resourcifier";
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.method == "PUT") return ok(json::parse(request.body));
        if (request.method == "PATCH" && request.target.find("force=false") != std::string::npos) return conflict_with(manager);
        json::value object = with_own_update();
        if (request.method == "PATCH")
            object.at("metadata")
                .at("managedFields")
                .as_array()
                .push_back(json::parse(
                    R"({"manager": "resourcifier", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}})"));
        return ok(object);
    });
    FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(answer.object.at("data") == json::object{{"a", "b"}});
    for (const std::string &line : fake.requests())
        CHECK((line.starts_with("GET ") || line.find("dryRun=All") != std::string::npos));

    manager = "helm";
    answer = fake.host->perform(call);
    CHECK(answer.code == Code::conflict);
    CHECK_THAT(answer.message, ContainsSubstring("conflict with \"helm\""));
}

TEST_CASE("a dry run of an apply whose old and new fields the cluster refuses together asks for the new ones alone") {
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.method == "PATCH") return refusal(422, "Invalid", "data: Invalid value: a and old together");
        return request.method == "PUT" ? ok(json::parse(request.body)) : ok(with_own_update());
    });
    const FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(answer.object.at("data") == json::object{{"a", "b"}});
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "7");
    for (const std::string &line : fake.requests())
        CHECK((line.starts_with("GET ") || line.find("dryRun=All") != std::string::npos));
}
