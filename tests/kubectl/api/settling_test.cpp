// SPDX-License-Identifier: Apache-2.0
//
// What an object tells of a write whose answer was lost.
#include "support/catch.hpp"

#include "kubectl/api/settling.hpp"
#include "kubectl/text/time_text.hpp"

#include <chrono>
#include <string>

using namespace rsf;
namespace api = rsf::kubectl::api;

namespace {

constexpr std::int64_t noon = 1'796'126'400; // 2026-12-01T12:00:00Z

json::object settled_object(std::string_view text) { return json::parse(text).as_object(); }

std::string settled_as(std::uint32_t verb, std::string_view posted, std::string_view live, std::int64_t began_ms) {
    rsf_call raw{};
    raw.size = sizeof raw;
    raw.verb = verb;
    raw.object = rsf::text(posted);
    raw.type = rsf::text("ConfigMap");
    raw.name = rsf::text("x");
    raw.began_ms = began_ms;
    const Call call(raw);
    const api::Posted read{settled_object(posted), {"v1", "ConfigMap", "x", "there"}};
    const json::object there = live.empty() ? json::object() : settled_object(live);
    // The clocks agree, and the cluster said noon at noon.
    const api::ClockReading clock{noon, noon * 1000, noon * 1000};
    const Settlement said =
        api::settlement_of(call, read, live.empty() ? nullptr : &there, api::began_by_cluster(call, clock), "resourcifier", true);
    CHECK(said.reason.empty() == (said.settled != "unknown"));
    return std::string(said.settled) + (said.outcome == Outcome::created ? " created" : "") +
           (said.revision.empty() ? "" : " @") + said.revision + (said.warnings.empty() ? "" : " !");
}

// A ConfigMap made at a second of noon, written by this manager at another one. manager: empty: by nobody.
std::string live_object(int made, std::string_view manager, int written, std::string_view more = R"("data": {"a": "b"})",
                        std::string_view in_metadata = {}) {
    const auto at = [](int second) { return "2026-12-01T11:59:" + std::to_string(second) + "Z"; };
    std::string object = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "there", "uid": "u",
        "resourceVersion": "7", "creationTimestamp": ")" +
                         at(made) + "\"" + std::string(in_metadata);
    if (!manager.empty())
        object += R"(, "managedFields": [{"manager": ")" + std::string(manager) + R"(", "operation": "Update", "time": ")" +
                  at(written) + R"(", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:a": {}, "f:old": {}}}}])";
    return object + "}, " + std::string(more) + "}";
}

} // namespace

TEST_CASE("times are read as the API and HTTP write them, and nothing else is") {
    CHECK(kubectl::text::read_time("2026-12-01T12:00:00Z") == noon);
    CHECK(kubectl::text::read_time("2026-12-01T12:00:00.123456Z") == noon);
    CHECK(kubectl::text::read_http_date("Tue, 01 Dec 2026 12:00:00 GMT") == noon);
    for (const char *wrong : {"", "Z", "2026-12-01T12:00:00", "2026-13-01T12:00:00Z", "2026-12-01 12:00:00Z",
                              "2026-12-01T12:00:00+01:00", "2026-12-01T12:00:00.Zz", "2026-12-01T1a:00:00Z"})
        CHECK_FALSE(kubectl::text::read_time(wrong));
    for (const char *wrong :
         {"", "Tue, 01 Dec 2026 12:00:00 CET", "Tue, 01 ecJ 2026 12:00:00 GMT", "Tue; 01 Dec 2026 12:00:00 GMT",
          "Tuesday, 01-Dec-26 12:00:00 GMT", "Tue, 32 Dec 2026 12:00:00 GMT"})
        CHECK_FALSE(kubectl::text::read_http_date(wrong));
}

TEST_CASE("when an operation began is told by the cluster's clock") {
    rsf_call raw{};
    raw.size = sizeof raw;
    raw.began_ms = 5000;
    const auto span = [&](const api::ClockReading &clock) { return api::began_by_cluster(Call(raw), clock); };
    // An hour ahead of this one's, asked within 40 ms.
    CHECK(span({3610, 10'000, 10'040})->from == 5000 + 3'599'960);
    CHECK(span({3610, 10'000, 10'040})->until == 5000 + 3'601'000);
    CHECK_FALSE(span({}));
    raw.began_ms = 0;
    CHECK_FALSE(span({3610, 10'000, 10'040}));
    raw.size = offsetof(rsf_call, began_ms);
    raw.began_ms = 5000;
    CHECK_FALSE(span({3610, 10'000, 10'040}));
}

TEST_CASE("a write is settled by who made and wrote the object, and when") {
    struct Row {
        const char *name;
        std::uint32_t verb;
        std::string live, settled;
        const char *posted = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}})";
    };
    const std::int64_t accepted = (noon - 30) * 1000 + 500; // half a second after 11:59:30
    const char *const own = "resourcifier", *const other = R"("data": {"a": "c"})",
                      *const more = R"("data": {"a": "b", "old": "o"})";
    const Row rows[] = {
        {"a create of nothing", RSF_CREATE, "", "not-done"},
        {"a create that was there before", RSF_CREATE, live_object(28, own, 28), "not-done"},
        {"a create that was done", RSF_CREATE, live_object(35, own, 35), "done created @7"},
        {"a create that others changed since", RSF_CREATE, live_object(35, own, 35, other), "done created @7"},
        {"a create of another client since", RSF_CREATE, live_object(35, "kubectl-create", 35), "unknown"},
        {"a create without any manager", RSF_CREATE, live_object(35, "", 0), "unknown"},
        {"a create in the same second", RSF_CREATE, live_object(30, own, 30), "done created @7"},
        {"another object in the same second", RSF_CREATE, live_object(30, own, 30, other), "unknown"},
        {"a delete of nothing", RSF_DELETE, "", "done"},
        {"a delete of what was there before", RSF_DELETE, live_object(28, own, 28), "not-done @7"},
        {"a delete of what came later", RSF_DELETE, live_object(35, own, 35), "done !"},
        {"a delete in the same second", RSF_DELETE, live_object(30, own, 30), "unknown"},
        {"a delete that is under way", RSF_DELETE,
         live_object(28, own, 28, other, R"(, "deletionTimestamp": "2026-12-01T11:59:31Z")"), "done !"},
        {"a delete of that uid", RSF_DELETE, live_object(30, own, 30), "not-done @7", R"({"metadata": {"uid": "u"}})"},
        {"a delete of another uid", RSF_DELETE, live_object(30, own, 30), "done !", R"({"metadata": {"uid": "v"}})"},
        {"a replace of nothing", RSF_REPLACE, "", "not-done"},
        {"a replace that was done", RSF_REPLACE, live_object(28, own, 35), "done @7"},
        {"a replace that does not show", RSF_REPLACE, live_object(28, own, 28, other), "not-done @7"},
        {"a replace that others changed since", RSF_REPLACE, live_object(28, own, 35, other), "unknown"},
        {"a replace to what was there", RSF_REPLACE, live_object(28, own, 28), "done @7"},
        {"a replace that takes a field out", RSF_REPLACE, live_object(28, own, 28, more), "not-done @7"},
        {"a replace of an object that names its version", RSF_REPLACE, live_object(28, own, 28, other), "not-done",
         R"({"metadata": {"resourceVersion": "3"}, "data": {"a": "b"}})"},
        {"an apply that made it", RSF_APPLY, live_object(35, own, 35), "done created @7"},
        {"an apply that changed it", RSF_APPLY, live_object(28, own, 35, more), "done @7"},
        {"an apply that does not show", RSF_APPLY, live_object(28, "other", 35, other), "not-done @7"},
        {"an exported object", RSF_REPLACE, live_object(28, own, 35), "done @7",
         R"({"metadata": {"uid": "old", "creationTimestamp": "2020-01-01T00:00:00Z"}, "data": {"a": "b"}, "status": {"x": 1}})"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(settled_as(row.verb, row.posted, row.live, accepted) == row.settled);
    }
}

TEST_CASE("where it is not known when the operation was accepted, the time of an object tells nothing") {
    const char *const posted = R"({"data": {"a": "b"}})";
    CHECK(settled_as(RSF_CREATE, posted, live_object(35, "resourcifier", 35), 0) == "unknown");
    CHECK(settled_as(RSF_DELETE, posted, live_object(28, "resourcifier", 28), 0) == "unknown");
    CHECK(settled_as(RSF_REPLACE, posted, live_object(28, "resourcifier", 28), 0) == "done @7");
    CHECK(settled_as(RSF_CREATE, posted, R"({"metadata": {"creationTimestamp": "yesterday"}, "data": {"a": "b"}})", 1) ==
          "unknown");
}
