// SPDX-License-Identifier: Apache-2.0
//
// What driver.hpp makes of a C++ class: its descriptor, its entry and the extensions that it offers.
#include "sdk/facade_drivers.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::facade;

RSF_EXTERN const rsf_entry rsf_driver_entry; // facade_test.cpp has it

TEST_CASE("the descriptor is made of the description and the overrides") {
    const rsf_descriptor &all = *rsf_driver_entry.descriptor;
    CHECK(view(all.name) == "everything");
    CHECK(view(all.version) == "1.2.3");
    CHECK(view(all.vendor) == "Tests");
    CHECK(view(all.url) == "https://example.org");
    CHECK(view(all.summary) == "answers all verbs");
    CHECK(all.flags == RSF_DRIVER_CONCURRENT);
    CHECK(all.capabilities == (RSF_CAN_ALL_V1 | RSF_CAN_APPLY));
    CHECK(driver_entry<ReadsOnly>.descriptor->capabilities == RSF_CAN_GET);
    CHECK(driver_entry<ReadsOnly>.descriptor->flags == 0);
    CHECK(driver_entry<ReadsMore>.descriptor->capabilities == (RSF_CAN_GET | RSF_CAN_LIST));
}

TEST_CASE("the entry says which ABI it was compiled with") {
    CHECK(rsf_driver_entry.size == sizeof(rsf_entry));
    CHECK(rsf_driver_entry.magic == RSF_ENTRY_MAGIC);
    CHECK(rsf_driver_entry.abi_major == 1);
    CHECK(rsf_driver_entry.abi_minor == 0);
    CHECK(rsf_driver_entry.functions->size == sizeof(rsf_functions));
    CHECK(rsf_driver_entry.descriptor->size == sizeof(rsf_descriptor));
}

TEST_CASE("extensions are offered by those who have them") {
    FakeHost everything(rsf_driver_entry);
    FakeHost reads(driver_entry<ReadsOnly>);
    CHECK(everything.extension<rsf_order>(RSF_EXT_ORDER)->size == sizeof(rsf_order));
    CHECK(everything.extension<rsf_dry_run>(RSF_EXT_DRY_RUN)->size == sizeof(rsf_dry_run));
    CHECK(view(everything.extension<rsf_secret>(RSF_EXT_SECRET)->values) == Everything::description.secret);
    CHECK(everything.extension<json::string>("org.example.greeting/1")->c_str() == std::string("hello"));
    CHECK(everything.extension<void>("throw") == nullptr);
    CHECK(everything.extension<void>("rsf.order/2") == nullptr);
    CHECK(everything.extension<void>("") == nullptr);
    CHECK(reads.extension<rsf_order>(RSF_EXT_ORDER) == nullptr);
    CHECK(reads.extension<rsf_dry_run>(RSF_EXT_DRY_RUN) == nullptr);
    CHECK(reads.extension<rsf_health>(RSF_EXT_HEALTH) == nullptr);
    CHECK(reads.extension<rsf_secret>(RSF_EXT_SECRET) == nullptr);
}

TEST_CASE("a batch is answered call by call") {
    FakeHost host(rsf_driver_entry);
    CHECK(host.extension<rsf_batch>(RSF_EXT_BATCH)->max_calls == 7);
    const auto batch = [&](const std::vector<const char *> &names, std::uint32_t flags = 0) {
        std::vector<FakeCall> calls;
        for (const char *name : names) {
            calls.push_back(call_of(RSF_CREATE));
            calls.back().name = name;
            calls.back().flags = flags;
        }
        return host.batch(calls);
    };
    const std::vector<FakeAnswer> some = batch({"a", "bad", "c"});
    CHECK(some.at(0).object.at("name") == json::value("a"));
    CHECK(some.at(0).outcome == Outcome::created);
    CHECK(some.at(0).selflink == "https://cluster/x");
    CHECK(some.at(1).message == "It is bad.");
    CHECK(some.at(1).code == Code::conflict);
    CHECK(some.at(2).object.at("name") == json::value("c"));
    CHECK(batch({}).empty());

    for (const FakeAnswer &answer : batch({"a", "throw-int"})) {
        CHECK(answer.fault == "");
        CHECK(answer.message == "The driver threw something that is not a std::exception.");
    }
    for (const FakeAnswer &answer : batch({"a", "lost", "c"}))
        CHECK(answer.message == "The driver answered 2 calls of a batch of 3.");
    for (const FakeAnswer &answer : batch({"a", "b"}, 1u << 30)) CHECK(answer.code == Code::unsupported);
    CHECK_THROWS_WITH(FakeHost(driver_entry<ReadsOnly>).batch({}), ContainsSubstring("does not offer rsf.batch/1"));
}

TEST_CASE("a driver says how it is, and what it throws instead is a failure") {
    const FakeAnswer well = FakeHost(rsf_driver_entry).health();
    CHECK(well.object == json::value({{"ok", true}, {"uptime", 7}}));
    CHECK(FakeHost(rsf_driver_entry, {{"greeting", "It rains."}}).health().object.at("reason") == json::value("It rains."));
    CHECK_THAT(FakeHost(rsf_driver_entry, {{"greeting", ""}}).health().fault, ContainsSubstring("not ok and has no \"reason\""));
    const FakeAnswer thrown = FakeHost(rsf_driver_entry, {{"greeting", "throw"}}).health();
    CHECK(thrown.fault == "");
    CHECK(thrown.code == Code::internal);
    CHECK_THROWS_WITH(FakeHost(driver_entry<ReadsOnly>).health(), ContainsSubstring("does not offer rsf.health/1"));
}

TEST_CASE("order passes resources and edges through") {
    FakeHost host(rsf_driver_entry);
    const auto edges = host.order("", {{"a", "other", json::object{}}, {"b", "thing", {{"a", 1}}}, {"c", "other", {{"a", 1}}}});
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].first == 1);
    CHECK(edges[0].then == 0);
    CHECK(edges[0].why == "things first");
    CHECK(host.order("", {}).empty());
    CHECK_THROWS_WITH(host.order("outside", {{"a", "thing", json::object{}}}),
                      ContainsSubstring("ordered a resource that is not there"));
    FakeHost reads(driver_entry<ReadsOnly>);
    CHECK_THROWS_WITH(reads.order("", {}), ContainsSubstring("does not offer rsf.order/1"));
}

TEST_CASE("a driver that throws when asked for an order gives none, and the log says so") {
    FakeHost host(rsf_driver_entry);
    CHECK(host.order("throw-int", {{"a", "thing", json::object{}}}).empty());
    CHECK(host.order("throw-error", {{"a", "thing", json::object{}}}).empty());
    REQUIRE(host.log().size() == 3);
    CHECK(host.log()[0].message == "The driver threw something when it was asked for an order.");
    CHECK(host.log()[2].message == "No order today.");
    CHECK(host.log()[2].level == LogLevel::error);
}

TEST_CASE("log lines carry level and request, and a host without a log is no trouble") {
    FakeHost host(rsf_driver_entry);
    host.perform(call_of(RSF_DELETE));
    REQUIRE(host.log().size() == 1);
    CHECK(host.log()[0].level == LogLevel::warning);
    CHECK(host.log()[0].message == "removing");
    CHECK(host.log()[0].request_id == "r-1");

    FakeHostOptions options;
    options.keeps_log = false;
    FakeHost silent(rsf_driver_entry, {}, options);
    CHECK(silent.perform(call_of(RSF_DELETE)).succeeded);
    CHECK(silent.log().empty());
}

TEST_CASE("driver names follow driver.h") {
    struct Row {
        std::string_view name;
        bool good;
    };
    const std::string longest(63, 'a'), too_long(64, 'a');
    for (const Row &row :
         {Row{"kubectl", true}, Row{"a-1", true}, Row{longest, true}, Row{too_long, false}, Row{"", false}, Row{"1a", false},
          Row{"-a", false}, Row{"A", false}, Row{"a_b", false}, Row{"a b", false}, Row{"a/b", false}}) {
        INFO(row.name);
        CHECK(detail::is_driver_name(row.name) == row.good);
    }
}
