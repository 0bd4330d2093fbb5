// SPDX-License-Identifier: Apache-2.0
//
// What the daemon can count on, whatever a driver does, wherever it lives.
#include "residence.hpp"

#include <resourcifier/answer.h>
#include <resourcifier/call.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace rsf::process::test {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

drivers::Call call(drivers::Verb verb, std::string type = "cm", std::string name = "x", std::string object = {}) {
    drivers::Call made;
    made.verb = verb;
    made.type = std::move(type);
    made.name = std::move(name);
    made.object = std::move(object);
    made.request_id = "r-1";
    made.deadline = std::chrono::steady_clock::now() + 1h;
    return made;
}

std::string text(const json::value &value) { return json::serialize(value); }

drivers::Failure failure(drivers::Answer answer) {
    if (answer) FAIL("it succeeded with " + text(answer->object));
    return answer.error();
}

drivers::Success success(drivers::Answer answer) {
    if (!answer) FAIL(answer.error().message);
    return std::move(*answer);
}

} // namespace

TEST_CASE("a driver in plain C creates, gets, lists, replaces and deletes, whichever release of the ABI it was built for") {
    const std::string file = GENERATE("good_c", "released_1.0");
    INFO(file);
    const auto driver = made(file);
    const drivers::Success created = success(driver->perform(call(drivers::Verb::create, "cm", "a", R"({"n": 1})")));
    CHECK(text(created.object) == R"({"n":1})");
    CHECK(created.outcome == RSF_OUTCOME_CREATED);
    CHECK(created.selflink == "memory:/object");
    CHECK(failure(driver->perform(call(drivers::Verb::create, "cm", "a", "{}"))).code == Code::already_exists);
    CHECK(success(driver->perform(call(drivers::Verb::replace, "cm", "a", R"({"n": 2})"))).outcome == RSF_OUTCOME_CHANGED);
    CHECK(text(success(driver->perform(call(drivers::Verb::get, "cm", "a"))).object) == R"({"n":2})");
    success(driver->perform(call(drivers::Verb::create, "cm", "b", R"({"n": 3})")));
    success(driver->perform(call(drivers::Verb::create, "secret", "c", R"({"n": 4})")));
    CHECK(text(success(driver->perform(call(drivers::Verb::list, "cm"))).object) == R"({"items":[{"n":2},{"n":3}]})");
    CHECK(success(driver->perform(call(drivers::Verb::remove, "cm", "a"))).outcome == RSF_OUTCOME_DONE);
    CHECK(success(driver->perform(call(drivers::Verb::remove, "cm", "a"))).outcome == RSF_OUTCOME_UNCHANGED);
    const drivers::Failure gone = failure(driver->perform(call(drivers::Verb::get, "cm", "a")));
    CHECK(gone.code == Code::not_found);
    CHECK(gone.message == "there is no such object");
    CHECK(gone.retry == drivers::Failure::Retry::never);
}

TEST_CASE("a call reaches the driver whole") {
    const auto driver = made(GENERATE("good_c", "released_1.0"));
    drivers::Call sent = call(drivers::Verb::get, "call");
    sent.ns = "blue";
    sent.label_selector = "app=x";
    sent.field_selector = "metadata.name=y";
    sent.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(1'000'000'000'000'000'000));
    CHECK(text(success(driver->perform(sent)).object) ==
          R"({"flags":0,"ns":"blue","label":"app=x","field":"metadata.name=y","cancelled":0,"deadline":1000000000000000000})");
    sent.all_namespaces = true;
    sent.deadline = {};
    CHECK_THAT(text(success(driver->perform(sent)).object), StartsWith(R"({"flags":2,)"));
    CHECK_THAT(text(success(driver->perform(sent)).object), EndsWith(R"("cancelled":1,"deadline":1})"));
}

TEST_CASE("settings are checked, and reach the driver with their defaults") {
    const auto driver = made("good_c", R"({"token": "s3cr3t-token"})");
    CHECK(text(success(driver->perform(call(drivers::Verb::get, "settings"))).object) ==
          R"({"token":"s3cr3t-token","greeting":"hello"})");
    const auto refused = create("good_c", R"({"tokn": "s3cr3t-token", "greeting": 7, "token": "short"})");
    REQUIRE(refused.has_error());
    CHECK(to_string(refused.error()) == "driver 'good-c': the settings do not fit the driver's schema\n"
                                        "  'tokn' is not a known setting (did you mean 'token'?)\n"
                                        "  'greeting' must be string, and is integer; put it in quotes\n"
                                        "  'token' must have at least 8 characters, and has 5");
    CHECK(refused.error().causes[0].place.pointer == "/tokn");
}

TEST_CASE("a driver's log lines carry target and request, escaped, bounded and without secrets") {
    const LevelLines lines;
    const auto driver = made("good_c", R"({"token": "s3cr3t-token"})", lines.log);
    success(driver->perform(call(drivers::Verb::create, "log", "with s3cr3t-token\nand\x1B[31m \xFF", "{}")));
    CHECK(lines.text() == "warning target=prod request=r-1 with (hidden)\\x0Aand\\x1B[31m \\xFF\n");
    const std::size_t before = lines.text().size();
    success(driver->perform(call(drivers::Verb::create, "log", std::string(1'000'000, 'x'), "{}")));
    CHECK(lines.text().size() - before < 4300);
}

TEST_CASE("a driver's orderings are taken") {
    const auto driver = made("good_c");
    CHECK(driver->extensions() == std::vector<std::string>{"rsf.order/1", "rsf.health/1"});
    const auto edges = taken(driver->order("", {{"a", "cm", "{}"}, {"n", "Namespace", "{}"}, {"b", "cm", "{}"}}));
    REQUIRE(edges.size() == 2);
    CHECK((edges[0].first == 1 && edges[0].then == 0));
    CHECK((edges[1].first == 1 && edges[1].then == 2));
    CHECK(edges[0].why == "namespace before what is in it");
    CHECK(taken(made("answers_twice")->order("", {{"a", "cm", "{}"}})).empty());
}

TEST_CASE("apply creates or changes, and the outcome says which") {
    const auto driver = made("good_c");
    CHECK(drivers::capability_names(driver->descriptor().capabilities).back() == "apply");
    CHECK(success(driver->perform(call(drivers::Verb::apply, "cm", "a", R"({"n": 1})"))).outcome == RSF_OUTCOME_CREATED);
    const drivers::Success changed = success(driver->perform(call(drivers::Verb::apply, "cm", "a", R"({"n": 2})")));
    CHECK(changed.outcome == RSF_OUTCOME_CHANGED);
    CHECK(text(changed.object) == R"({"n":2})");
    CHECK(failure(made("answers_twice")->perform(call(drivers::Verb::apply))).code == Code::unsupported);
}

TEST_CASE("a driver's word on its health is taken, without its secrets") {
    const drivers::DriverHealth well = made("good_c")->health();
    CHECK(well.ok);
    CHECK(well.reason.empty());
    CHECK(text(well.more) == R"({"proxy":{"with":"s3cr3t-token"}})");
    const drivers::DriverHealth unwell = made("good_c", R"({"token": "s3cr3t-token"})")->health();
    CHECK_FALSE(unwell.ok);
    CHECK(unwell.reason == "no cluster takes (hidden)");
    CHECK(text(unwell.more) == R"j({"proxy":{"with":"(hidden)"}})j");
    CHECK(made("answers_twice")->health().ok);
}

TEST_CASE("a driver that talks nonsense of its health is not ok, and a sentence says why") {
    struct Row {
        const char *name;
        const char *reason;
    };
    const Row row = GENERATE(values<Row>({
        {"health_never", "the driver 'health-never' broke the driver ABI in health: it returned without an answer"},
        {"health_twice", "the driver 'health-twice' broke the driver ABI in health: it answered 2 times"},
        {"health_without_ok",
         "the driver 'health-without-ok' broke the driver ABI in health: what it said is no object with \"ok\""},
        {"health_without_reason",
         "the driver 'health-without-reason' broke the driver ABI in health: it is not ok and does not say why"},
        {"health_not_json", "the driver 'health-not-json' broke the driver ABI in health: what it said is not JSON"},
        {"health_fails", "the proxy has ended"},
    }));
    const drivers::DriverHealth health = made(row.name)->health();
    CHECK_FALSE(health.ok);
    CHECK_THAT(health.reason, StartsWith(row.reason));
    CHECK(health.more.empty());
}

TEST_CASE("each bad ordering is a fault of the driver, with its sentence") {
    struct Row {
        const char *name;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"order_beyond",
         "the driver 'order-beyond' broke the driver ABI in order: it named resource 2 of 2, which count from 0; tell "
         "its vendor"},
        {"order_itself",
         "the driver 'order-itself' broke the driver ABI in order: it asked for resource 1 before itself; tell its vendor"},
        {"order_endless",
         "the driver 'order-endless' broke the driver ABI in order: it asked for more than 1000000 orderings; tell its "
         "vendor"},
    }));
    const auto ordered = made(row.name)->order("", {{"a", "cm", "{}"}, {"b", "cm", "{}"}});
    REQUIRE(ordered.has_error());
    CHECK(ordered.error().message == row.sentence);
}

TEST_CASE("each driver that can't be created is refused with its sentence") {
    struct Row {
        const char *name;
        const char *settings;
        Code code;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"create_fails", "{}", Code::unauthorized, "the token is too old; get a new one"},
        {"create_says_nothing", "{}", Code::internal,
         "the driver 'create-says-nothing' broke the driver ABI in create: it returned no instance and did not say why; tell its "
         "vendor"},
        {"create_fails_without_message", "{}", Code::internal,
         "the driver 'create-fails-without-message' broke the driver ABI in create: it failed with code 11 and no message; tell "
         "its vendor"},
        {"create_fails_and_returns", "{}", Code::internal,
         "the driver 'create-fails-and-returns' broke the driver ABI in create: it failed and returned an instance all the same; "
         "it said: "
         "this went wrong; tell its vendor"},
        {"create_succeeds", "{}", Code::internal,
         "the driver 'create-succeeds' broke the driver ABI in create: it called succeed, which is not for create; tell its "
         "vendor"},
        {"throws_123", R"({"at_once": true})", Code::internal, "The driver threw something that is not a std::exception."},
        {"throws_123_raw", R"({"any": 1})", Code::internal,
         "the driver 'throws-123-raw' broke the driver ABI in create: it let an exception out: no settings, please; tell its "
         "vendor"},
        {"order_short", "{}", Code::internal,
         "the driver 'order-short' broke the driver ABI in get_extension: its table for rsf.order/1 is 8 bytes long, and must be "
         "16; tell "
         "its vendor"},
        {"order_null", "{}", Code::internal,
         "the driver 'order-null' broke the driver ABI in get_extension: its table for rsf.order/1 has a null function; tell its "
         "vendor"},
        {"health_null", "{}", Code::internal,
         "the driver 'health-null' broke the driver ABI in get_extension: its table for rsf.health/1 has a null function; tell "
         "its "
         "vendor"},
        {"secret_text", "{}", Code::internal,
         "the driver 'secret-text' broke the driver ABI in get_extension: what it says by rsf.secret/1 is not a JSON array of "
         "{\"types\": [...], \"paths\": [\"/...\"]}; tell its vendor"},
    }));
    const auto refused = create(row.name, row.settings);
    REQUIRE(refused.has_error());
    const std::string driver = taken(kind_of(row.name))->descriptor.name;
    CHECK(refused.error().message == "driver '" + driver + "': " + row.sentence);
    CHECK(refused.error().code == row.code);
}

TEST_CASE("an instance that comes with a failure is destroyed") {
    const TempFolder scratch;
    const auto mark = scratch / "mark";
    REQUIRE(::setenv("RSF_TEST_MARK", mark.c_str(), 1) == 0);
    CHECK(create("create_fails_and_returns").has_error());
    ::unsetenv("RSF_TEST_MARK");
    CHECK(std::filesystem::exists(mark));
}

TEST_CASE("each nonsense of an answer fails its own call, with a sentence that names the driver") {
    struct Row {
        const char *name;
        drivers::Verb verb;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"answers_twice", drivers::Verb::get,
         "the driver 'answers-twice' broke the driver ABI in get: it answered 2 times, so that it is not known "
         "which is true; tell its vendor"},
        {"answers_nothing", drivers::Verb::create,
         "the driver 'answers-nothing' broke the driver ABI in create: it returned without an answer; tell "
         "its vendor"},
        {"answers_invalid_json", drivers::Verb::replace,
         "the driver 'answers-invalid-json' broke the driver ABI in replace: its object is not JSON ("},
        {"throws_123_raw", drivers::Verb::get,
         "the driver 'throws-123-raw' broke the driver ABI in get: it let an exception out that is not a "
         "std::exception; tell its vendor"},
        {"throws_123_raw", drivers::Verb::list,
         "the driver 'throws-123-raw' broke the driver ABI in list: it let an exception out"},
        {"throws_123", drivers::Verb::get, "The driver threw something that is not a std::exception."},
        {"throws_123", drivers::Verb::list, "The driver threw an exception: what went wrong"},
        {"short_answers", drivers::Verb::replace,
         "the driver 'short-answers' broke the driver ABI in replace: it failed with code 3 and no message"},
        {"short_answers", drivers::Verb::remove,
         "the driver 'short-answers' broke the driver ABI in delete: it gave no proper rsf_result"},
    }));
    CAPTURE(row.name);
    const drivers::Failure failed = failure(made(row.name)->perform(call(row.verb)));
    CHECK(failed.code == Code::internal);
    CHECK_THAT(failed.message, StartsWith(row.sentence));
}

TEST_CASE("an instance goes on after a call that went wrong") {
    const auto driver = made("throws_123");
    failure(driver->perform(call(drivers::Verb::get)));
    const drivers::Failure conflict = failure(driver->perform(call(drivers::Verb::create, "cm", "x", "{}")));
    CHECK(conflict.code == Code::conflict);
    CHECK(conflict.message == "somebody else was faster");
    CHECK(conflict.retry == drivers::Failure::Retry::later);
    CHECK(conflict.retry_after == 250ms);
    CHECK(text(conflict.details) == R"({"owner":"somebody else"})");
}

TEST_CASE("an exception from destroy goes to the log") {
    const LevelLines lines;
    made("throws_123_raw", "{}", lines.log).reset();
    CHECK(lines.text() == "error target=prod the driver 'throws-123-raw' broke the driver ABI in destroy: it let an exception "
                          "out that is not a std::exception; tell its vendor\n");
}

TEST_CASE("answers that end early read as zero from there on") {
    const auto driver = made("short_answers");
    const drivers::Success got = success(driver->perform(call(drivers::Verb::get)));
    CHECK(text(got.object) == R"({"short":true})");
    CHECK(got.selflink.empty());
    const drivers::Failure failed = failure(driver->perform(call(drivers::Verb::create, "cm", "x", "{}")));
    CHECK(failed.code == Code::conflict);
    CHECK(failed.message == "somebody was faster");
    CHECK(failed.retry == drivers::Failure::Retry::unknown);
    CHECK(failed.retry_after == 0ms);
    CHECK(failed.details.is_null());
}

TEST_CASE("a driver that was built for ABI 1.0 works") {
    const auto driver =
        taken(create_driver(taken(kind_of("older_minor", drivers::AbiVersion{1, 2})), instance_options(), {}, silent_log()));
    CHECK(driver->is_concurrent());
    const drivers::Success got = success(driver->perform(call(drivers::Verb::get)));
    CHECK(text(got.object) == R"({"abi":"1.0"})");
    CHECK(got.selflink == "old:/object");
    const drivers::Failure gone = failure(driver->perform(call(drivers::Verb::remove)));
    CHECK(gone.code == Code::not_found);
    CHECK(gone.retry == drivers::Failure::Retry::later);
    CHECK(gone.retry_after == 1500ms);
    CHECK(text(gone.details) == R"({"old":true})");
}

TEST_CASE("a concurrent driver's calls run side by side") {
    const auto driver = made("older_minor");
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 300; ++round) right += driver->perform(call(drivers::Verb::get)).has_value();
        });
    for (std::thread &thread : threads) thread.join();
    CHECK(right == 1200);
}

TEST_CASE("a verb that the driver does not offer never reaches it") {
    const auto driver = made("short_descriptor");
    const drivers::Failure failed = failure(driver->perform(call(drivers::Verb::create, "cm", "x", "{}")));
    CHECK(failed.code == Code::unsupported);
    CHECK(failed.message == "the driver 'short-descriptor' does not offer create");
}

TEST_CASE("a call is cancelled by its deadline") {
    drivers::Call waiting = call(drivers::Verb::get);
    waiting.deadline = std::chrono::steady_clock::now() + 1ms;
    CHECK_THAT(failure(made("answers_never")->perform(waiting)).message, ContainsSubstring("it returned without an answer"));
    CHECK(std::chrono::steady_clock::now() >= waiting.deadline);
}

TEST_CASE("a call is cancelled by its caller") {
    std::stop_source stop;
    drivers::Call waiting = call(drivers::Verb::get);
    waiting.stop = stop.get_token();
    std::thread canceller([&] { stop.request_stop(); });
    CHECK_THAT(failure(made("answers_never")->perform(waiting)).message, ContainsSubstring("it returned without an answer"));
    canceller.join();
}

TEST_CASE("an answer to a call that is over is ignored") {
    const auto driver = made("answers_late");
    for (int i = 0; i < 600; ++i) CHECK(text(success(driver->perform(call(drivers::Verb::get))).object) == R"({"plain":true})");
}

} // namespace rsf::process::test
