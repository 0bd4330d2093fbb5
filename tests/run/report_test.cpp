// SPDX-License-Identifier: Apache-2.0
#include "run/report.hpp"

#include "support/catch.hpp"

#include <resourcifier/answer.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <vector>

using namespace rsf::daemon;

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
        {"causes that say nothing", R"({"causes": [1, {}, {"field": "x"}, {"message": 7}, null]})", {message}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const State state = state_of(Verb::remove, Failure{Code::not_found, message, {}, {}, boost::json::parse(row.details)});
        CHECK(state.status == Status::failed);
        CHECK(state.errors == row.errors);
    }
}

TEST_CASE("of very many causes the first are reported") {
    boost::json::array causes;
    for (int i = 0; i < 1000; ++i) causes.push_back(boost::json::object{{"message", "cause " + std::to_string(i)}});
    const State state = state_of(Verb::create, Failure{Code::invalid, "wrong", {}, {}, {{"causes", causes}}});
    CHECK(state.errors.size() == 21);
}

TEST_CASE("a tally counts resources by how they ended") {
    const auto resource = [](Status status) { return Resource{"", "", {}, State{status, {}, {}}, {}}; };
    CHECK(tally({resource(Status::failed), resource(Status::created), resource(Status::aborted), resource(Status::created)}) ==
          "2 Created, 1 Failed, 1 Aborted");
    CHECK(tally({resource(Status::deleted)}) == "1 Deleted");
    CHECK(tally({resource(Status::aborted), resource(Status::unchanged)}) == "1 Unchanged, 1 Aborted");
    CHECK(tally({}).empty());
}
