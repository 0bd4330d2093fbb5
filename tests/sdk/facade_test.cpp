// SPDX-License-Identifier: Apache-2.0
//
// What driver.hpp makes of a C++ class: verbs, errors, settings.
#include "sdk/facade_drivers.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::facade;

RSF_CPP_DRIVER(Everything)

TEST_CASE("every verb reaches its function with all that the call says") {
    FakeHost host(rsf_driver_entry);
    struct Row {
        std::uint32_t verb;
        const char *name;
        Outcome outcome;
        const char *selflink;
    };
    for (const Row &row : {Row{RSF_LIST, "list", Outcome::done, ""}, Row{RSF_GET, "get", Outcome::done, ""},
                           Row{RSF_CREATE, "create", Outcome::created, "https://cluster/x"},
                           Row{RSF_REPLACE, "replace", Outcome::changed, ""}, Row{RSF_APPLY, "apply", Outcome::unchanged, ""}}) {
        INFO(row.name);
        const FakeAnswer answer = host.perform(call_of(row.verb));
        CHECK(answer.fault == "");
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.selflink == row.selflink);
        const json::object &said = row.verb == RSF_LIST ? answer.object.at("items").at(0).as_object() : answer.object.as_object();
        CHECK(said.at("verb") == json::value(row.name));
        CHECK(said.at("type") == json::value("ty"));
        CHECK(said.at("name") == json::value(row.verb == RSF_LIST ? "" : "na"));
        CHECK(said.at("ns") == json::value("space"));
        CHECK(said.at("labels") == json::value("l=1"));
        CHECK(said.at("fields") == json::value("f=2"));
        CHECK(said.at("request") == json::value("r-1"));
        CHECK(said.at("cancelled") == json::value(false));
        CHECK(said.at("late") == json::value(false));
        if (row.verb >= RSF_CREATE) CHECK(said.at("object") == json::value({{"a", {1, "ü"}}}));
    }
    const FakeAnswer removed = host.perform(call_of(RSF_DELETE));
    CHECK(removed.succeeded);
    CHECK(removed.object.is_null());
    CHECK(removed.outcome == Outcome::unchanged);
}

TEST_CASE("flags, cancellation and the deadline reach the driver") {
    FakeHost host(rsf_driver_entry);
    FakeCall call = call_of(RSF_GET);
    call.flags = RSF_CALL_DRY_RUN;
    CHECK(host.perform(call).object.at("dry_run").as_bool());
    call.flags = RSF_CALL_ALL_NAMESPACES;
    CHECK(host.perform(call).object.at("all_namespaces").as_bool());
    call.flags = 0;
    call.cancelled = [] { return true; };
    CHECK(host.perform(call).object.at("cancelled").as_bool());
    call.cancelled = nullptr;
    host.cancel();
    CHECK(host.perform(call).object.at("cancelled").as_bool());
    host.resume();
    CHECK_FALSE(host.perform(call).object.at("cancelled").as_bool());
    call.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    CHECK(host.perform(call).object.at("cancelled").as_bool());
    CHECK(host.perform(call).object.at("late").as_bool());
}

TEST_CASE("verbs and flags that a driver does not know are unsupported, with a sentence") {
    FakeHost everything(rsf_driver_entry);
    FakeHost reads(driver_entry<ReadsOnly>);
    struct Row {
        const char *name;
        FakeHost &host;
        std::uint32_t verb;
        std::uint32_t flags;
        const char *message;
    };
    for (const Row &row :
         {Row{"a verb of a later minor", everything, 63, 0, "This driver does not know verb 63."},
          Row{"verb 0", everything, 0, 0, "This driver does not know verb 0."},
          Row{"a flag of a later minor", everything, RSF_GET, 1u << 30, "This driver does not know one of the call's flags."},
          Row{"list", reads, RSF_LIST, 0, "This driver does not support list."},
          Row{"create", reads, RSF_CREATE, 0, "This driver does not support create."},
          Row{"replace", reads, RSF_REPLACE, 0, "This driver does not support replace."},
          Row{"delete", reads, RSF_DELETE, 0, "This driver does not support delete."},
          Row{"apply", reads, RSF_APPLY, 0, "This driver does not support apply."},
          Row{"a dry run where none is offered", reads, RSF_CREATE, RSF_CALL_DRY_RUN, "This driver has no dry run."}}) {
        INFO(row.name);
        FakeCall call = call_of(row.verb);
        call.flags = row.flags;
        const FakeAnswer answer = row.host.perform(call);
        CHECK(answer.fault == "");
        CHECK_FALSE(answer.succeeded);
        CHECK(answer.code == Code::unsupported);
        CHECK(answer.message == row.message);
        CHECK(answer.retry == Retry::never);
    }
}

TEST_CASE("an exception of a driver, of any type, stops at the barrier and becomes a code and a sentence") {
    FakeHost host(rsf_driver_entry);
    struct Row {
        const char *name;
        std::int32_t code;
        const char *message;
        Retry retry;
    };
    for (const Row &row :
         {Row{"throw-int", RSF_INTERNAL, "The driver threw something that is not a std::exception.", Retry::unknown},
          Row{"throw-exception", RSF_INTERNAL, "The driver threw an exception: of a kind", Retry::unknown},
          Row{"throw-wordless", RSF_INTERNAL, "The driver threw an exception: it says nothing", Retry::unknown},
          Row{"throw-memory", RSF_INTERNAL, "The driver ran out of memory.", Retry::later},
          Row{"throw-empty", RSF_CONFLICT, "The driver gave no reason.", Retry::unknown},
          Row{"throw-own", RSF_DRIVER_CODES + 7, "It rains.", Retry::unknown},
          Row{"throw-retry", RSF_UNAVAILABLE, "Busy.", Retry::later}}) {
        INFO(row.name);
        const FakeAnswer answer = host.get("cm", row.name);
        CHECK(answer.fault == "");
        CHECK_FALSE(answer.succeeded);
        CHECK(static_cast<std::int32_t>(answer.code) == row.code);
        CHECK(answer.message == row.message);
        CHECK(answer.retry == row.retry);
    }
    const FakeAnswer busy = host.get("cm", "throw-retry");
    CHECK(busy.retry_after == std::chrono::milliseconds(1500));
    CHECK(busy.details == json::value({{"queue", 12}}));
}

TEST_CASE("an object that is not a JSON object is invalid") {
    FakeHost host(rsf_driver_entry);
    for (const char *object : {"[]", "{", "nonsense", "1"}) {
        FakeCall call = call_of(RSF_CREATE);
        call.object = object;
        const FakeAnswer answer = host.perform(call);
        CHECK(answer.code == Code::invalid);
        CHECK(answer.message == "The object is not a JSON object.");
    }
    FakeCall deep = call_of(RSF_CREATE);
    deep.object = R"({"a":)" + std::string(500, '[') + std::string(500, ']') + "}";
    CHECK(host.perform(deep).succeeded);
}

TEST_CASE("a driver that can't be made says why, and nothing is left") {
    try {
        FakeHost host(rsf_driver_entry, {{"refuse", true}});
        FAIL("it was made");
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        CHECK(error.what() == std::string("The setting refuse is set."));
        CHECK(error.retry == Retry::never);
        CHECK(error.details == json::value({{"at", 1}}));
    }
    try {
        FakeHost host(rsf_driver_entry, {{"throw_int", true}});
        FAIL("it was made");
    } catch (const Error &error) {
        CHECK(error.code == Code::internal);
    }
}

TEST_CASE("settings reach the driver with defaults filled in") {
    CHECK(FakeHost(rsf_driver_entry).get("cm", "x").object.at("greeting") == json::value("hello"));
    CHECK(FakeHost(rsf_driver_entry, {{"greeting", "hi"}}).get("cm", "x").object.at("greeting") == json::value("hi"));
}
