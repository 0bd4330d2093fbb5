// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/fake_host.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <thread>

using namespace rsf;

namespace {

// A driver in the C style that breaks one rule, told by the name in the call.
void succeed(rsf_sink *sink, std::string_view object, std::uint32_t size = sizeof(rsf_result)) {
    rsf_result result{};
    result.size = size;
    result.object = text(object);
    sink->succeed(sink, &result);
}

void fail(rsf_sink *sink, std::int32_t code, std::string_view message, std::string_view details = {},
          std::uint32_t size = sizeof(rsf_failure)) {
    rsf_failure failure{};
    failure.size = size;
    failure.code = code;
    failure.message = text(message);
    failure.details = text(details);
    sink->fail(sink, &failure);
}

// A result with what the name says: "selflink long", "outcome 99".
void say(rsf_sink *sink, std::string_view name) {
    const std::string word(name.substr(std::min(name.find(' '), name.size() - 1) + 1));
    const std::string link = word == "long" ? std::string(100'000, 'a') : word == "nul" ? std::string("a\0b", 3) : word;
    rsf_result result{};
    result.size = sizeof result;
    result.object = text("{}");
    if (name[0] == 's') result.selflink = text(link);
    if (name[0] == 'o') result.outcome = static_cast<std::uint32_t>(std::stoi(word));
    if (name[0] == 'n') result.object.data = nullptr;
    sink->succeed(sink, &result);
}

std::atomic<int> instances{0};
std::atomic<int> calls_at_once{0};
std::atomic<int> most_calls_at_once{0};

rsf_driver *create(const rsf_host *, rsf_text settings, rsf_sink *sink) {
    if (view(settings).find("never") != std::string_view::npos) return nullptr;
    if (view(settings).find("succeed") != std::string_view::npos) return succeed(sink, "{}"), nullptr;
    ++instances;
    if (view(settings).find("both") != std::string_view::npos) fail(sink, RSF_INVALID, "No.");
    return reinterpret_cast<rsf_driver *>(&instances);
}
void destroy(rsf_driver *) { --instances; }
const void *get_extension(rsf_driver *, rsf_text) { return nullptr; }

void perform(rsf_driver *, const rsf_call *call, rsf_sink *sink) {
    const int now = ++calls_at_once;
    for (int most = most_calls_at_once; most < now && !most_calls_at_once.compare_exchange_weak(most, now);) {
    }
    const std::string_view name = view(call->name);
    static rsf_sink *last_sink;
    static const rsf_call *last_call;
    if (name == "late" && last_sink) {
        if (last_call->cancelled(last_call)) succeed(last_sink, "{\"late\": true}");
        fail(last_sink, RSF_INTERNAL, "late");
    }
    last_sink = sink;
    last_call = call;
    if (name == "fine" || name == "late")
        succeed(sink, "{}");
    else if (name == "twice")
        succeed(sink, "{}"), succeed(sink, "{}");
    else if (name == "both")
        fail(sink, RSF_INVALID, "No."), succeed(sink, "{}");
    else if (name == "not-json")
        succeed(sink, "{nonsense");
    else if (name == "not-utf-8")
        succeed(sink, "{\"a\":\"\xff\"}");
    else if (name == "no-object")
        succeed(sink, "");
    else if (name == "list")
        succeed(sink, "[]");
    else if (name == "small-result")
        succeed(sink, "{}", 4);
    else if (name == "null-result")
        sink->succeed(sink, nullptr);
    else if (name == "small-failure")
        fail(sink, RSF_INVALID, "No.", {}, 0);
    else if (name == "no-code")
        fail(sink, 0, "No.");
    else if (name == "negative-code")
        fail(sink, -5, "No.");
    else if (name == "later-code")
        fail(sink, 500, "No.");
    else if (name == "own-code")
        fail(sink, 1001, "No.");
    else if (name == "message-not-utf-8")
        fail(sink, RSF_INVALID, "\xFF");
    else if (name == "odd-size")
        succeed(sink, "{}", sizeof(rsf_result) + 1);
    else if (name == "huge number")
        succeed(sink, "{\"a\": 1e999}");
    else if (name.substr(0, 9) == "selflink " || name.substr(0, 8) == "outcome " || name == "no-data")
        say(sink, name);
    else if (name == "thread")
        std::thread([&] { succeed(sink, "{}"); }).join();
    else if (name == "no-message")
        fail(sink, RSF_INVALID, "");
    else if (name == "bad-details")
        fail(sink, RSF_INVALID, "No.", "{");
    --calls_at_once;
}

constexpr rsf_descriptor descriptor{
    sizeof(rsf_descriptor), 0, RSF_CAN_ALL_V1, text("bad"), text("1.0.0"), {}, {}, {}, text("{}")};
constexpr rsf_functions functions{sizeof(rsf_functions), 0, create, destroy, perform, get_extension};
constexpr rsf_entry entry{sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR, &descriptor, &functions};

} // namespace

TEST_CASE("a driver that breaks a rule is told which") {
    struct Row {
        const char *name;
        std::uint32_t verb;
        const char *fault;
    };
    FakeHost host(entry);
    for (const Row &row : {Row{"never", RSF_GET, "it did not answer"},
                           Row{"twice", RSF_GET, "it answered 2 times"},
                           Row{"both", RSF_GET, "it answered 2 times"},
                           Row{"not-json", RSF_GET, "its object is not JSON"},
                           Row{"not-utf-8", RSF_GET, "its object is not JSON"},
                           Row{"no-object", RSF_GET, "it succeeded without an object"},
                           Row{"no-object", RSF_CREATE, "it succeeded without an object"},
                           Row{"no-object", RSF_APPLY, "it succeeded without an object"},
                           Row{"list", RSF_REPLACE, "its object is JSON, but not a JSON object"},
                           Row{"fine", RSF_LIST, "its object has no array"},
                           Row{"small-result", RSF_GET, "too small or an impossible size"},
                           Row{"null-result", RSF_GET, "too small or an impossible size"},
                           Row{"small-failure", RSF_GET, "too small or an impossible size"},
                           Row{"odd-size", RSF_GET, "too small or an impossible size"},
                           Row{"no-message", RSF_GET, "it failed with code 4 and no message"},
                           Row{"message-not-utf-8", RSF_GET, "the message of its failure is not UTF-8"},
                           Row{"selflink a b", RSF_GET, "its selflink is no URI"},
                           Row{"selflink caf\xC3\xA9", RSF_GET, "its selflink is no URI"},
                           Row{"selflink long", RSF_GET, "its selflink is too long"},
                           Row{"selflink nul", RSF_GET, "its selflink is no URI"},
                           Row{"outcome 99", RSF_GET, "its outcome 99 is none of ABI 1's"},
                           Row{"outcome 2", RSF_GET, "it created or changed an object"},
                           Row{"outcome 1", RSF_LIST, "has no array"},
                           Row{"outcome 1", RSF_CREATE, "the object was there before create"},
                           Row{"outcome 2", RSF_REPLACE, "the object was absent before replace"},
                           Row{"outcome 3", RSF_DELETE, "it created or changed an object"},
                           Row{"fine", RSF_DELETE, "it answers delete with an object"},
                           Row{"thread", RSF_GET, "it answered on another thread"},
                           Row{"no-data", RSF_GET, "its 'object' has a size and no data"},
                           Row{"huge number", RSF_GET, "a number is too large for its readers"},
                           Row{"bad-details", RSF_GET, "its details is not JSON"}}) {
        INFO(row.name);
        FakeCall call;
        call.verb = row.verb;
        call.name = row.name;
        const FakeAnswer answer = host.perform(call);
        CHECK_FALSE(answer.succeeded);
        CHECK(answer.code == Code::internal);
        CHECK_THAT(answer.fault, ContainsSubstring("The driver broke the ABI's rules: "));
        CHECK_THAT(answer.fault, ContainsSubstring(row.fault));
    }
    CHECK(host.get("cm", "fine").succeeded);
    CHECK(host.remove("cm", "no-object", {}).succeeded);
}

TEST_CASE("a code that the ABI does not have is internal, and a driver's own goes on") {
    FakeHost host(entry);
    struct Row {
        const char *name;
        Code code;
    };
    for (const Row &row : {Row{"no-code", Code::internal}, Row{"negative-code", Code::internal},
                           Row{"later-code", Code::internal}, Row{"own-code", static_cast<Code>(1001)}}) {
        INFO(row.name);
        const FakeAnswer answer = host.get("cm", row.name);
        CHECK(answer.fault == "");
        CHECK(answer.code == row.code);
        CHECK(answer.message == "No.");
    }
}

TEST_CASE("an answer to a call that is over is counted, and changes nothing") {
    FakeHost host(entry);
    CHECK(host.get("cm", "fine").object == json::object());
    CHECK(host.late_answers() == 0);
    const FakeAnswer answer = host.get("cm", "late");
    CHECK(answer.fault == "");
    CHECK(answer.object == json::object());
    CHECK(host.late_answers() == 2);
}

TEST_CASE("a driver without a schema takes settings as they are, also one whose descriptor ends before it") {
    static constexpr rsf_descriptor bare{sizeof(rsf_descriptor), 0, RSF_CAN_ALL_V1, text("bare"), text("1.0.0"), {}, {}, {}, {}};
    static constexpr rsf_descriptor shorter{
        offsetof(rsf_descriptor, settings_schema), 0, RSF_CAN_ALL_V1, text("short"), text("1.0.0"), {}, {}, {}, text("nonsense")};
    for (const rsf_descriptor *each : {&bare, &shorter}) {
        const rsf_entry it{sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR, each, &functions};
        CHECK(FakeHost(it).get("cm", "fine").succeeded);
    }
}

TEST_CASE("a create that neither makes an instance nor says why is a fault") {
    CHECK_THROWS_WITH(FakeHost(entry, {{"never", 1}}), ContainsSubstring("it did not answer"));
    CHECK_THROWS_WITH(FakeHost(entry, {{"succeed", 1}}), ContainsSubstring("create succeeded without an instance"));
    CHECK_THROWS_WITH(FakeHost(entry, {{"both", 1}}), ContainsSubstring("create returned an instance and answered as well"));
    CHECK(instances == 0);
    {
        FakeHost host(entry);
        CHECK(instances == 1);
    }
    CHECK(instances == 0);
}

TEST_CASE("calls to a driver that is not concurrent queue up") {
    FakeHost host(entry);
    most_calls_at_once = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 200; ++n) host.get("cm", "fine");
        });
    for (std::thread &thread : threads) thread.join();
    CHECK(most_calls_at_once == 1);
}

TEST_CASE("a file that is no driver is refused with the loader's words") {
    CHECK_THROWS_WITH(open_driver("/nonexistent/driver.so"), ContainsSubstring("/nonexistent/driver.so"));
}

TEST_CASE("a test may offer tables of its own, and only what is offered is found") {
    const rsf_target table{sizeof(rsf_target), 0, nullptr, nullptr};
    FakeHostOptions options;
    options.target = "prod";
    options.extensions = {{RSF_EXT_TARGET, &table}};
    FakeHost fake(entry, {}, options);
    const Host host(&fake.raw());
    CHECK(host.target() == "prod");
    CHECK(host.extension<rsf_target>(RSF_EXT_TARGET) == &table);
    CHECK(host.extension<rsf_log>(RSF_EXT_LOG) != nullptr);
    CHECK(host.extension<void>("rsf.target/2") == nullptr);
}
