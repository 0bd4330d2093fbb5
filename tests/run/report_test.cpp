// SPDX-License-Identifier: Apache-2.0
#include "run/report.hpp"

#include "support/catch.hpp"

#include <resourcifier/answer.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::parse;
using namespace rsf::config;
using namespace rsf::run;
using namespace rsf::targets;

TEST_CASE("a call that succeeded is reported by what it did") {
    struct Row {
        std::string name;
        Verb verb;
        std::uint32_t outcome;
        Status status;
    };
    const std::vector<Row> rows{
        {"create", Verb::create, RSF_OUTCOME_DONE, Status::created},
        {"create of what was there", Verb::create, RSF_OUTCOME_CHANGED, Status::replaced},
        {"replace", Verb::replace, RSF_OUTCOME_DONE, Status::replaced},
        {"replace that changes nothing", Verb::replace, RSF_OUTCOME_UNCHANGED, Status::replaced},
        {"replace of what was absent", Verb::replace, RSF_OUTCOME_CREATED, Status::created},
        {"apply of what was absent", Verb::apply, RSF_OUTCOME_CREATED, Status::created},
        {"apply of what was otherwise", Verb::apply, RSF_OUTCOME_CHANGED, Status::replaced},
        {"apply of what was as wanted", Verb::apply, RSF_OUTCOME_UNCHANGED, Status::unchanged},
        {"apply that does not say", Verb::apply, RSF_OUTCOME_DONE, Status::replaced},
        {"delete", Verb::remove, RSF_OUTCOME_DONE, Status::deleted},
        {"delete of what was absent", Verb::remove, RSF_OUTCOME_UNCHANGED, Status::deleted},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const State state = state_of(row.verb, Success{nullptr, row.outcome, "/link"});
        CHECK(state.status == row.status);
        CHECK(state.errors.empty());
        CHECK(state.selflink == "/link");
    }
}

TEST_CASE("what the driver warns of is in the state") {
    Success warned{nullptr, RSF_OUTCOME_CREATED, {}};
    CHECK(state_of(Verb::create, warned).warnings.empty());
    warned.warnings = {"It is old."};
    CHECK(state_of(Verb::create, warned).warnings == std::vector<std::string>{"It is old."});
}

TEST_CASE("a call that failed is reported in sentences, its causes too where they say more") {
    struct Row {
        std::string name, details;
        std::vector<std::string> errors;
    };
    const std::string message = "it is invalid: spec.a: must be a number";
    const std::vector<Row> rows{
        {"no details", "null", {message}},
        {"details of another kind", R"([1, {"causes": []}])", {message}},
        {"causes that are no list", R"({"causes": {"message": "x"}})", {message}},
        {"a cause with a field",
         R"({"causes": [{"field": "spec.b", "message": "must be there"}]})",
         {message, "spec.b: must be there"}},
        {"a cause without", R"({"causes": [{"message": "too many"}]})", {message, "too many"}},
        {"one that the message says", R"({"causes": [{"field": "spec.a", "message": "must be a number"}]})", {message}},
        {"one that it quotes in other words",
         R"({"causes": [{"field": "spec.a", "message": "must be\n a 'number'"}]})",
         {message}},
        {"one of a field that it only seems to name",
         R"({"causes": [{"field": "pec.a", "message": "must be a number"}]})",
         {message, "pec.a: must be a number"}},
        {"causes that say nothing", R"({"causes": [1, {}, {"field": "x"}, {"message": 7}, null]})", {message}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const State state = state_of(Verb::remove, Failure{Code::not_found, message, {}, {}, boost::json::parse(row.details)});
        CHECK(state.status == Status::failed);
        CHECK(state.errors == row.errors);
    }
}

TEST_CASE("of a failure programs learn code, details and when to come back") {
    using Retry = Failure::Retry;
    struct Row {
        const char *name;
        Failure failure;
        std::string code, details;
        int retry_after;
    };
    const std::string long_text(20'000, 'x');
    const auto failure = [](Code code, std::int32_t number, Retry retry, std::chrono::milliseconds after,
                            boost::json::value details) {
        Failure made{code, "no", retry, after, std::move(details)};
        made.number = number;
        return made;
    };
    const std::vector<Row> rows{
        {"a code of the ABI", failure(Code::conflict, 3, Retry::never, {}, {{"by", "kubectl"}}), "conflict",
         R"({"by":"kubectl"})", 0},
        {"one of the driver's own", failure(Code::internal, 1042, Retry::unknown, {}, 7), "1042", "7", 0},
        {"one that nobody knows", failure(Code::internal, 999, Retry::unknown, {}, nullptr), "internal", "null", 0},
        {"a failure of the daemon's", failure(Code::timeout, 0, Retry::unknown, {}, nullptr), "timeout", "null", 0},
        {"later", failure(Code::unavailable, 7, Retry::later, std::chrono::milliseconds(2001), nullptr), "unavailable", "null",
         3},
        {"later, at a time of our choosing", failure(Code::internal, 11, Retry::later, {}, nullptr), "internal", "null", 1},
        {"much later", failure(Code::internal, 11, Retry::later, std::chrono::hours(100), nullptr), "internal", "null", 3600},
        {"never, for all its time", failure(Code::invalid, 4, Retry::never, std::chrono::hours(1), nullptr), "invalid", "null",
         0},
        {"too many details", failure(Code::invalid, 4, Retry::never, {}, boost::json::string(long_text)), "invalid", "null", 0},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const State state = state_of(Verb::create, row.failure);
        REQUIRE(state.failure);
        CHECK(state.failure->code == row.code);
        CHECK(boost::json::serialize(state.failure->details) == row.details);
        CHECK(state.failure->retry_after == std::chrono::seconds(row.retry_after));
    }
    CHECK_FALSE(state_of(Verb::create, Success{}).failure);
}

TEST_CASE("of very many causes the first are reported") {
    boost::json::array causes;
    for (int i = 0; i < 1000; ++i) causes.push_back(boost::json::object{{"message", "cause " + std::to_string(i)}});
    const State state = state_of(Verb::create, Failure{Code::invalid, "wrong", {}, {}, {{"causes", causes}}});
    CHECK(state.errors.size() == 21);
}

TEST_CASE("a tally counts resources by how they ended") {
    const auto resource = [](Status status) { return Resource{"", "", {}, State{status, {}, {}}, {}}; };
    CHECK(tally(std::vector<Resource>{resource(Status::failed), resource(Status::created), resource(Status::aborted),
                                      resource(Status::created)}) == "2 Created, 1 Failed, 1 Aborted");
    CHECK(tally(std::vector<Resource>{resource(Status::deleted)}) == "1 Deleted");
    CHECK(tally(std::vector<Resource>{resource(Status::aborted), resource(Status::unchanged)}) == "1 Unchanged, 1 Aborted");
    CHECK(tally(std::vector<Resource>{}).empty());
}
