// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/fake_host.hpp>

#include "support/catch.hpp"

#include <new>

using namespace rsf;

namespace {

struct Wordless : std::exception {
    const char *what() const noexcept override { return nullptr; }
};

// Says which verb was called with what; names that begin with "throw-" make it throw.
class Everything : public Driver {
  public:
    static constexpr Description description{"everything",
                                             "1.2.3",
                                             "Tests",
                                             "https://example.org",
                                             "answers all verbs",
                                             R"({"type": "object", "properties": {"greeting": {"default": "hello"},
                                                 "refuse": {"type": "boolean"}}})",
                                             true,
                                             true,
                                             R"([{"types": ["*"], "paths": ["/password"]}])",
                                             7};

    Everything(Host host, const json::object &settings) : host_(host) {
        if (settings.contains("refuse")) throw Error(Code::invalid, "The setting refuse is set.", Retry::never, {}, {{"at", 1}});
        if (settings.contains("throw_int")) throw 123;
        greeting_ = settings.at("greeting").as_string();
    }

    Result list(const Call &call) override { return {json::object{{"items", json::array{said("list", call)}}}}; }
    Result get(const Call &call) override {
        if (call.name() == "throw-int") throw 123;
        if (call.name() == "throw-exception") throw std::runtime_error("of a kind");
        if (call.name() == "throw-wordless") throw Wordless();
        if (call.name() == "throw-memory") throw std::bad_alloc();
        if (call.name() == "throw-empty") throw Error(Code::conflict, "");
        if (call.name() == "throw-own") throw Error(static_cast<Code>(RSF_DRIVER_CODES + 7), "It rains.");
        if (call.name() == "throw-retry")
            throw Error(Code::unavailable, "Busy.", Retry::later, std::chrono::milliseconds(1500), {{"queue", 12}});
        return said("get", call);
    }
    Result create(const Call &call) override { return {said("create", call), Outcome::created, "https://cluster/x"}; }
    Result replace(const Call &call) override { return {said("replace", call), Outcome::changed}; }
    Result remove(const Call &call) override {
        host_.log(LogLevel::warning, "removing", &call);
        return Result::from_text("", Outcome::unchanged);
    }
    Result apply(const Call &call) override { return {said("apply", call), Outcome::unchanged}; }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override {
        std::vector<BatchAnswer> answers;
        for (const Call &call : calls) {
            if (call.name() == "throw-int") throw 123;
            if (call.name() == "lost") continue;
            if (call.name() == "bad")
                answers.emplace_back(Error(Code::conflict, "It is bad.", Retry::never));
            else
                answers.emplace_back(Result(said("batch", call), Outcome::created, "https://cluster/x"));
        }
        return answers;
    }
    json::object health() const override {
        if (greeting_ == "throw") throw 123;
        if (greeting_ == "hello") return {{"ok", true}, {"uptime", 7}};
        return {{"ok", false}, {"reason", greeting_}};
    }
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override {
        if (ns == "throw-int") throw 123;
        if (ns == "throw-error") throw Error(Code::internal, "No order today.");
        if (ns == "outside") return {{0, resources.size(), "wrong"}};
        std::vector<Before> edges;
        for (std::size_t i = 1; i < resources.size(); ++i)
            if (resources[i].type == "thing" && resources[i].object_text == R"({"a":1})") edges.push_back({i, 0, "things first"});
        return edges;
    }
    const void *extension(std::string_view id) override {
        if (id == "throw") throw 123;
        return id == "org.example.greeting/1" ? &greeting_ : nullptr;
    }

  private:
    json::object said(const char *verb, const Call &call) {
        json::object all{{"verb", verb},
                         {"greeting", greeting_},
                         {"type", call.type()},
                         {"name", call.name()},
                         {"ns", call.ns()},
                         {"labels", call.label_selector()},
                         {"fields", call.field_selector()},
                         {"request", call.request_id()},
                         {"dry_run", call.dry_run()},
                         {"all_namespaces", call.all_namespaces()},
                         {"cancelled", call.cancelled()},
                         {"late", call.deadline() < std::chrono::steady_clock::now()}};
        if (!call.object_text().empty()) all["object"] = call.object();
        return all;
    }

    Host host_;
    json::string greeting_;
};

class ReadsOnly : public Driver {
  public:
    static constexpr Description description{"reads-only", "1.0.0", "", "", "", R"({"type": "object"})"};
    ReadsOnly(Host, const json::object &) {}
    Result get(const Call &) override { return json::object{}; }
};

class ReadsMore : public ReadsOnly { // overrides in a base count
  public:
    using ReadsOnly::ReadsOnly;
    Result list(const Call &) override { return {json::object{{"items", json::array{}}}}; }
};

FakeCall call_of(std::uint32_t verb) {
    FakeCall call;
    call.verb = verb;
    call.type = "ty";
    call.name = verb == RSF_LIST ? "" : "na";
    call.ns = "space";
    call.label_selector = "l=1";
    call.field_selector = "f=2";
    call.request_id = "r-1";
    if (verb >= RSF_CREATE) call.object = R"({"a": [1, "ü"]})";
    return call;
}

} // namespace

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

TEST_CASE("what a driver does not know it calls unsupported, in a sentence") {
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

TEST_CASE("whatever a driver throws stops at the barrier and becomes a code and a sentence") {
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

TEST_CASE("an object that is not a JSON object is the client's mistake") {
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
