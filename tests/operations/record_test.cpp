// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "operations/desk.hpp"

using namespace rsf::operations::test;

TEST_CASE("the object of a resource is what its properties say, else its type and name, and nothing where a reference stands") {
    struct Row {
        const char *name, *properties;
        rsf::store::ObjectName object;
    };
    const Row rows[] = {
        {"all",
         R"~({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}})~",
         {"apps", "Deployment", "shop", "web"}},
        {"no group", R"~({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})~", {"", "Secret", "asked", "s"}},
        {"nothing", "{}", {"", "typed", "asked", "named"}},
        {"a reference as its name", R"~({"kind": "A", "metadata": {"name": "$(ref.x.metadata.name)"}})~", {"", "A", "asked", ""}},
        {"a reference as its namespace",
         R"~({"kind": "A", "metadata": {"name": "n", "namespace": "$(ref.x.y)"}})~",
         {"", "A", "", "n"}},
        {"a reference as its kind", R"~({"kind": "$(ref.x.kind)", "metadata": {"name": "n"}})~", {"", "", "asked", "n"}},
        {"a name that the cluster makes", R"~({"kind": "A", "metadata": {"generateName": "n-"}})~", {"", "A", "asked", ""}},
        {"metadata that is none", R"~({"kind": 7, "metadata": "x"})~", {"", "typed", "asked", "named"}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const parse::Resource resource{"named", "typed", json::parse(row.properties).as_object(), {}, {}};
        CHECK(object_of(resource, "asked") == row.object);
    }
}

TEST_CASE("what it takes to go on is read as it was written, and nothing else is") {
    parse::Configuration configuration = things({"a", "b<a"});
    configuration.resources[0].properties["odd"] = json::parse(R"([1e300, 18446744073709551615, "\u0000"])");
    configuration.resources[0].name = "a \"quoted\" \xC3\xA9";
    const auto read = read_payload(payload_of(configuration));
    REQUIRE(read.has_value());
    REQUIRE(read->resources.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(read->resources[i].name == configuration.resources[i].name);
        CHECK(read->resources[i].type == configuration.resources[i].type);
        CHECK(payload_of(*read) == payload_of(configuration));
    }
    CHECK(payload_of({}) == "[]");
    for (const char *text :
         {"", "{}", "[1]", "[[]]", "[[\"a\", \"b\"]]", "[[1, \"b\", {}]]", "[[\"a\", \"b\", []]]", "[[\"a\", \"b\", {}]"})
        CHECK_FALSE(read_payload(text).has_value());
}

TEST_CASE("a report made from the record of an operation is the one that its client got") {
    store::Operation record;
    record.steps.resize(3);
    parse::Configuration configuration = things({"a", "b", "c"});
    run::Report report = configuration;
    report->resources[0].state = parse::State{parse::Status::created, {}, "/a"};
    report->resources[1].state =
        parse::State{parse::Status::failed, {"no room"}, {}, parse::FailureForPrograms{"forbidden", nullptr, {}}};
    report->resources[2].state = parse::State{parse::Status::unknown, {"nobody knows"}, {}};
    note_report(record, report, false);
    CHECK(record.state == State::failed);
    CHECK(record.failed == 2);
    CHECK(record.steps[1].ended);
    const run::Report again = report_of(record, things({"a", "b", "c"}));
    CHECK(statuses(again) == "Created Failed Unknown");
    CHECK(again->resources[0].state->selflink == "/a");
    CHECK(again->resources[1].state->errors == std::vector<std::string>{"no room"});
    CHECK(again->resources[1].state->failure->code == "forbidden");

    store::Operation refused;
    refused.steps.resize(1);
    note_report(refused, run::Report(drivers::Failure(conflict("no"))), false);
    CHECK(refused.state == State::failed);
    CHECK(statuses(refused) == "Aborted");
    CHECK(report_of(refused, things({"a"})).error().code == Code::conflict);
    CHECK(report_of(refused, things({"a"})).error().message == "no");
}
