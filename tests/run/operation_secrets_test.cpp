// SPDX-License-Identifier: Apache-2.0
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

using namespace rsf::run::test;

TEST_CASE("a failure quotes nothing that the operation's configuration keeps secret, whoever fails") {
    const std::string posted = R"({"apiVersion": "v1", "kind": "Secret", "stringData": {"p": "posted-secret"}})";
    for (const std::size_t batch_limit : {std::size_t{1}, std::size_t{8}}) {
        Bench bench;
        bench.cluster->batch_limit = batch_limit;
        bench.cluster->behave([](const Call &call) -> Answer {
            if (call.name == "login")
                return Success{
                    boost::json::parse(
                        R"({"apiVersion": "v1", "kind": "Secret", "data": {"made": "bWFkZS1ieS1jbHVzdGVy", "p": "cG9zdGVkLXNlY3JldA=="}})"),
                    {},
                    {}};
            return Failure{Code::invalid,
                           "bad value 'posted-secret' or 'made-by-cluster' in " + call.object,
                           {},
                           {},
                           {{"causes", boost::json::array{
                                           boost::json::object{{"field", "data.x"}, {"message", "not cG9zdGVkLXNlY3JldA=="}}}}}};
        });
        const Report report = bench
                                  .write(Verb::create, resources({{"before", R"({"x": "posted-secret"})"},
                                                                  {"login", posted},
                                                                  {"after", R"j({"x": "$(ref.login.data.made)"})j"}}))
                                  .get();
        REQUIRE(report.has_value());
        CHECK(statuses(report) == "Failed Created Failed");
        std::string said;
        for (const Resource &resource : report->resources)
            for (const std::string &error : resource.state->errors) said += error + "\n";
        said += bench.lines.text();
        INFO(said);
        CHECK_THAT(said, ContainsSubstring("bad value '(secret)'") && ContainsSubstring("data.x: not (secret)"));
        CHECK_THAT(said, !ContainsSubstring("posted-secret") && !ContainsSubstring("cG9zdGVkLXNlY3JldA"));
        CHECK_THAT(report->resources[2].state->errors.at(0), ContainsSubstring("or '(secret)'"));
        CHECK_THAT(report->resources[2].state->errors.at(0),
                   !ContainsSubstring("made-by-cluster") && !ContainsSubstring("bWFkZS1ieS1jbHVzdGVy"));
    }
}

TEST_CASE("what a reference brings into a Secret is secret before the Secret is made") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        return Failure{Code::invalid, "bad value in " + call.object, {}, {}, nullptr};
    });
    const Report report =
        bench
            .write(Verb::create,
                   resources(
                       {{"a", R"({"x": "posted-secret", "y": "not-one-of-them"})"},
                        {"login",
                         R"~({"apiVersion": "v1", "kind": "Secret", "stringData": {"p": "$(ref.a.x)", "q": "<$(ref.a.z)>"}})~"}}))
            .get();
    REQUIRE(report.has_value());
    CHECK_THAT(report->resources[0].state->errors.at(0),
               ContainsSubstring("(secret)") && ContainsSubstring("not-one-of-them") && !ContainsSubstring("posted-secret"));
}

TEST_CASE("an operation that is refused as a whole quotes no secret of its configuration") {
    Bench bench;
    bench.cluster->order = [](std::string_view, const std::vector<Orderable> &all) -> Result<std::vector<Before>> {
        return Error{Code::internal, "what is " + all[1].object, {}, {}};
    };
    const Report report =
        bench
            .write(Verb::create,
                   resources(
                       {{"a", "{}"}, {"b", R"({"apiVersion": "v1", "kind": "Secret", "stringData": {"p": "posted-secret"}})"}}))
            .get();
    REQUIRE(report.has_error());
    CHECK_THAT(report.error().message, ContainsSubstring("(secret)") && !ContainsSubstring("posted-secret"));
    CHECK(bench.lines.with("posted-secret").empty());
}
