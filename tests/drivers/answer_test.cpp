// SPDX-License-Identifier: Apache-2.0
#include "drivers/answer.hpp"

#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <cstring>
#include <functional>
#include <limits>
#include <thread>

namespace rsf::drivers::test {

namespace json = boost::json;

namespace {

rsf_text text(std::string_view view) { return {view.data(), view.size()}; }

rsf_result result(std::string_view object, std::uint32_t outcome = RSF_OUTCOME_DONE, std::string_view selflink = {}) {
    return {sizeof(rsf_result), outcome, text(object), text(selflink), {}, {}};
}

rsf_failure failure(std::int32_t code, std::string_view message, std::string_view details = {}) {
    return {sizeof(rsf_failure), code, text(message), RSF_RETRY_UNKNOWN, 0, 0, text(details), RSF_EFFECT_UNSAID, 0};
}

Answer judged(Verb verb, const rsf_result &given) {
    AnswerSink sink;
    sink.succeed(&sink, &given);
    return judge(sink.close(), verb, "x", {});
}

Answer judged(const rsf_failure &given, const std::vector<std::string> &secrets = {}) {
    AnswerSink sink;
    sink.fail(&sink, &given);
    return judge(sink.close(), Verb::get, "x", secrets);
}

std::string refusal(const Answer &answer) { return answer ? "it was taken" : answer.error().message; }

std::string in(const char *verb, const std::string &what) {
    return std::string("the driver 'x' broke the driver ABI in ") + verb + ": " + what;
}

std::string nested(int depth) { return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"; }

} // namespace

TEST_CASE("each result of a wrong shape is refused with its sentence") {
    struct Row {
        Verb verb;
        std::string object;
        std::string sentence;
    };
    const Row row = GENERATE(values<Row>({
        {Verb::get, "", in("get", "it succeeded without an object; tell its vendor")},
        {Verb::create, "[]", in("create", "its object is JSON, but not a JSON object; tell its vendor")},
        {Verb::replace, "null", in("replace", "its object is JSON, but not a JSON object; tell its vendor")},
        {Verb::get, "{\"a\": }", in("get", "its object is not JSON (")},
        {Verb::get, "{} {}", in("get", "its object is not JSON (")},
        {Verb::get, "{\"a\": \"\xFF\"}", in("get", "its object is not JSON (")},
        {Verb::get, "{\"a\": [1, {\"b\": -1e999}]}", in("get", "its object is not JSON (a number is too large")},
        {Verb::get, nested(600), in("get", "its object is not JSON (")},
        {Verb::list, "{}", in("list", "its object has no array \"items\"")},
        {Verb::list, "{\"items\": {}}", in("list", "its object has no array \"items\"")},
        {Verb::list, "[]", in("list", "its object is JSON, but not a JSON object")},
    }));
    CAPTURE(row.object);
    CHECK_THAT(refusal(judged(row.verb, result(row.object))), StartsWith(row.sentence));
}

TEST_CASE("results of the right shape are taken") {
    CHECK(refusal(judged(Verb::get, result("{}"))) == "it was taken");
    CHECK(refusal(judged(Verb::get, result(nested(500)))) == "it was taken");
    CHECK(refusal(judged(Verb::list, result("{\"items\": []}"))) == "it was taken");
    const Answer deleted = judged(Verb::remove, result("what a delete answers is nobody's business", RSF_OUTCOME_UNCHANGED));
    REQUIRE(deleted.has_value());
    CHECK(deleted->object.is_null());
    CHECK(deleted->outcome == RSF_OUTCOME_UNCHANGED);
}

TEST_CASE("an answer that is wanted as text is left as it is, unless its numbers are written in many ways") {
    struct Row {
        const char *name;
        std::string raw, text; // text empty: it was read
    };
    Wanted wanted;
    wanted.as_text = true;
    for (const Row &row :
         {Row{"plain", R"({"b": 1, "a": "\u00e9"})", R"({"b": 1, "a": "\u00e9"})"}, Row{"with a line's end", "{}\n", "{}"},
          Row{"with a fraction", R"({"a": 5E-1})", ""}, Row{"deep", nested(500), nested(500)}}) {
        INFO(row.name);
        AnswerSink sink;
        const rsf_result given = result(row.raw, RSF_OUTCOME_CHANGED, "/a/link");
        sink.succeed(&sink, &given);
        const Answer answer = judge(sink.close(), Verb::get, "x", {}, {}, wanted);
        REQUIRE(answer.has_value());
        CHECK(answer->text == row.text);
        CHECK(answer->object.is_null() == !row.text.empty());
        CHECK(answer->outcome == RSF_OUTCOME_CHANGED);
        CHECK(answer->selflink == "/a/link");
        CHECK(std::get<RawAnswer::Result>(raw_answer_of(answer).first).object == (row.text.empty() ? R"({"a":0.5})" : row.text));
    }
    for (const Verb verb : {Verb::get, Verb::list})
        for (const std::string &bad : {std::string("{\"a\": }"), std::string("[]"), std::string("{} {}"),
                                       std::string("{\"items\": 1e999}"), nested(600)}) {
            AnswerSink sink;
            const rsf_result given = result(bad);
            sink.succeed(&sink, &given);
            CHECK_THAT(refusal(judge(sink.close(), verb, "x", {}, {}, wanted)),
                       StartsWith(in(to_string(verb).data(), "its object ")));
        }
}

TEST_CASE(
    "an answer is counted before it is copied, then for what is made of it; what does not fit is dropped, not the outcome") {
    std::string object = "{\"items\": [0";
    for (int i = 0; i < 5000; ++i) object += ",0"; // 10 KB of text, and some 120 KB to be read into
    object += "]}";
    struct Row {
        const char *name;
        Verb verb;
        bool as_text;
        std::size_t limit;
        bool is_taken, is_dropped;
        std::size_t counted; // at most
    };
    for (const Row &row : {Row{"a list as text", Verb::list, true, 20'000, true, false, object.size()},
                           Row{"a list that is read", Verb::list, false, 200'000, true, false, 150'000},
                           Row{"a list that has no room", Verb::list, true, 5'000, false, false, 0},
                           Row{"a list that has no room to be read", Verb::list, false, 50'000, false, false, 0},
                           Row{"a write", Verb::create, false, 200'000, true, false, 150'000},
                           Row{"a write that has no room", Verb::create, false, 5'000, true, true, 0},
                           Row{"a write that has no room to be read", Verb::create, false, 50'000, true, true, 0}}) {
        INFO(row.name);
        const auto budget = std::make_shared<Budget>();
        Wanted wanted;
        wanted.as_text = row.as_text;
        wanted.memory = std::make_shared<Share>(budget, row.limit);
        AnswerSink sink(wanted.memory);
        const rsf_result given = result(object, RSF_OUTCOME_CREATED, "/a/link");
        sink.succeed(&sink, &given);
        const Answer answer = judge(sink.close(), row.verb, "x", {}, {}, wanted);
        CHECK(budget->taken() <= row.counted);
        CHECK(wanted.memory->was_refused() == (!row.is_taken || row.is_dropped));
        REQUIRE(answer.has_value() == row.is_taken);
        if (!answer) {
            CHECK(answer.error().code == Code::unavailable);
            CHECK(answer.error().retry == Failure::Retry::later);
            continue;
        }
        CHECK(answer->dropped == row.is_dropped);
        CHECK(answer->outcome == RSF_OUTCOME_CREATED);
        CHECK(answer->selflink == "/a/link");
        CHECK((answer->object.is_null() && answer->text.empty()) == row.is_dropped);
        CHECK(answer->counted <= budget->taken());
    }
}

TEST_CASE("results with bad texts or numbers are refused") {
    CHECK_THAT(refusal(judged(Verb::get, result("{}", 4))), ContainsSubstring("its outcome 4 is none of ABI 1's"));
    CHECK_THAT(refusal(judged(Verb::get, result("{}", 0, "\xC0\x80"))), ContainsSubstring("its selflink is no URI"));
    rsf_result no_data = result("{}");
    no_data.object = {nullptr, 2};
    CHECK_THAT(refusal(judged(Verb::get, no_data)), ContainsSubstring("its 'object' has a size and no data"));
    rsf_result huge = result("{}");
    huge.object.size = max_answer + 1; // refused before a byte of it is read
    CHECK_THAT(refusal(judged(Verb::get, huge)),
               ContainsSubstring("its 'object' is 268435457 bytes long, and at most 268435456 are taken"));
}

TEST_CASE("structs of any possible size are read as far as both know them") {
    struct {
        rsf_result known = result("{}", 0, "here");
        char later[32] = "what a later version added";
    } longer;
    longer.known.size = sizeof longer;
    CHECK(judged(Verb::get, longer.known)->selflink == "here");
    rsf_result shorter = result("{}", 0, "here");
    shorter.size = offsetof(rsf_result, selflink);
    CHECK(judged(Verb::get, shorter)->selflink.empty());
    for (const std::uint32_t size : {0u, 3u, 9u, 41u}) {
        rsf_result impossible = result("{}");
        impossible.size = size;
        CHECK_THAT(refusal(judged(Verb::get, impossible)), ContainsSubstring("it gave no proper rsf_result"));
    }
    AnswerSink sink;
    sink.succeed(&sink, nullptr);
    CHECK_THAT(refusal(judge(sink.close(), Verb::get, "x", {})), ContainsSubstring("it gave no proper rsf_result"));
}

TEST_CASE("every code of the ABI becomes its own, a driver's own becomes internal, and what is neither is refused") {
    const std::int32_t code = GENERATE(range(1, 12));
    CHECK(judged(failure(code, "why")).error().code == static_cast<Code>(code));
    const Failure own = judged(failure(1234, "why", "[1]")).error();
    CHECK(own.code == Code::internal);
    CHECK(own.message == "why");
    CHECK(own.number == 1234);
    CHECK(json::serialize(own.details) == "[1]");
    CHECK(std::get<RawAnswer::Failure>(raw_answer_of(own).first).code == 1234); // as another driver hears it
    const std::int32_t unknown = GENERATE(0, 12, 999, -1, std::numeric_limits<std::int32_t>::min());
    const Failure internal = judged(failure(unknown, "why")).error();
    CHECK(internal.code == Code::internal);
    CHECK(internal.message == "why");
    CHECK(internal.number == unknown);
}

TEST_CASE("a selflink is a URI, or the answer is none") {
    struct Row {
        const char *name;
        std::string link;
        bool is_taken;
    };
    const Row row = GENERATE(values<Row>({
        {"a path", "/api/v1/namespaces/a/pods/b%20c", true},
        {"a URI of the driver's own scheme", "stamp:1?a=b#c", true},
        {"none", "", true},
        {"a space", "/a b", false},
        {"a second line", "/a\r\nX: y", false},
        {"markup", "/<script>", false},
        {"a quote", "/\"onclick=", false},
        {"beyond ASCII", "/\xC3\xBC", false},
        {"no UTF-8", "/\xFF", false},
        {"a NUL byte", std::string("/a\0b", 4), false},
        {"too long", "/" + std::string(8 * 1024, 'a'), false},
    }));
    INFO(row.name);
    CHECK(judged(Verb::get, result("{}", RSF_OUTCOME_DONE, row.link)).has_value() == row.is_taken);
}

TEST_CASE("failures with bad texts are refused") {
    CHECK_THAT(refusal(judged(failure(3, ""))), StartsWith(in("get", "it failed with code 3 and no message")));
    CHECK_THAT(refusal(judged(failure(3, "caf\xE9"))), StartsWith(in("get", "the message of its failure is not UTF-8")));
    CHECK_THAT(refusal(judged(failure(3, "why", "{"))),
               StartsWith(in("get", "the details of its failure are not JSON; it said: why")));
    CHECK_THAT(refusal(judged(failure(3, "why", "1e999"))), StartsWith(in("get", "the details of its failure are not JSON")));
}

TEST_CASE("a failure's sentence and times are bounded") {
    std::string message = "x";
    while (message.size() < 100'000) message += "ü";
    const std::string cut = judged(failure(3, message)).error().message;
    CHECK(cut.size() <= 16 * 1024 + 3);
    CHECK_THAT(cut, EndsWith("ü…"));
    rsf_failure late = failure(3, "why");
    late.retry = RSF_RETRY_LATER;
    late.retry_after_ms = std::numeric_limits<std::int64_t>::max();
    CHECK(judged(late).error().retry == Failure::Retry::later);
    CHECK(judged(late).error().retry_after == std::chrono::hours(24));
    late.retry = 77;
    late.retry_after_ms = -5;
    CHECK(judged(late).error().retry == Failure::Retry::unknown);
    CHECK(judged(late).error().retry_after.count() == 0);
}

TEST_CASE("a secret is hidden in a failure's sentence and details") {
    const Failure hidden =
        judged(failure(5, "the token s3cr3t is bad", R"({"causes":["s3cr3t",{"t":"a s3cr3t b"}]})"), {"s3cr3t"}).error();
    CHECK(hidden.message == "the token (hidden) is bad");
    CHECK(json::serialize(hidden.details) == R"j({"causes":["(hidden)",{"t":"a (hidden) b"}]})j");
    const std::string edge(16 * 1024 - 3, 'x');
    CHECK_THAT(judged(failure(5, edge + "s3cr3t"), {"s3cr3t"}).error().message, !ContainsSubstring("s3c"));
}

TEST_CASE("the answer is copied at once, and a sink is deaf once closed") {
    AnswerSink sink;
    std::string object = R"({"a":1})";
    const rsf_result given = result(object);
    sink.succeed(&sink, &given);
    object.assign(object.size(), '#');
    RawAnswer raw = sink.close();
    CHECK(json::serialize(judge(std::move(raw), Verb::get, "x", {})->object) == R"({"a":1})");
    sink.succeed(&sink, &given);
    CHECK(sink.close().answers == 0);
}

TEST_CASE("answers from several threads at once are counted, and the first is whole") {
    AnswerSink sink;
    const rsf_result given = result("{}");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { sink.succeed(&sink, &given); });
    for (std::thread &thread : threads) thread.join();
    CHECK_THAT(refusal(judge(sink.close(), Verb::get, "x", {})), ContainsSubstring("it answered 4 times"));
}

} // namespace rsf::drivers::test
