// SPDX-License-Identifier: Apache-2.0
//
// One object that stands in a configuration twice.
#include "run/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

using namespace rsf::daemon;
using namespace rsf::daemon::test;

namespace {

// All resources are the same object.
Result<std::vector<Before>> all_the_same(std::string_view, const std::vector<Orderable> &resources) {
    std::vector<Before> order;
    for (std::size_t i = 1; i < resources.size(); ++i) {
        order.push_back({0, i, "the same object"});
        order.push_back({i, 0, "the same object"});
    }
    return order;
}

constexpr const char *object = R"({"kind": "ConfigMap", "metadata": {"name": "twin"}})";

} // namespace

TEST_CASE("one object that stands in a configuration twice is written once, and both resources get its state") {
    for (const Verb verb : {Verb::create, Verb::replace, Verb::apply, Verb::remove}) {
        for (const bool works : {true, false}) {
            INFO(to_string(verb) << (works ? "" : " that fails"));
            Bench bench;
            bench.cluster->order = all_the_same;
            if (!works)
                bench.cluster->answer = [](const Call &) -> Answer {
                    return Failure{Code::forbidden, "not you", Failure::Retry::never, {}, nullptr};
                };
            const Report report = bench.write(verb, resources({{"one", object}, {"two", object}, {"three", object}})).get();
            CHECK(bench.cluster->begun().size() == 1);
            const State first = *report->resources[0].state;
            CHECK((first.status == Status::failed) == !works);
            for (const Resource &resource : report->resources) {
                CHECK(resource.state->status == first.status);
                CHECK(resource.state->errors == first.errors);
                CHECK(resource.state->selflink == first.selflink);
            }
        }
    }
}

TEST_CASE("what refers to either of two that are the same object gets its value") {
    Bench bench;
    bench.cluster->order = [](std::string_view, const std::vector<Orderable> &) -> Result<std::vector<Before>> {
        return std::vector<Before>{{0, 1, ""}, {1, 0, ""}};
    };
    const Report report = bench
                              .write(Verb::create, resources({{"one", object},
                                                              {"two", object},
                                                              {"a", R"~({"x": "$(ref.one.metadata.name)"})~"},
                                                              {"b", R"~({"x": "$(ref.two.metadata.name)"})~"}}))
                              .get();
    CHECK(statuses(report) == "Created Created Created Created");
    for (const char *name : {"a", "b"}) CHECK(boost::json::parse(bench.cluster->call_of(name).object).at("x") == "twin");
}

TEST_CASE("one object that is to be two things is refused, and nothing is touched") {
    Bench bench;
    bench.cluster->order = all_the_same;
    const Report report =
        bench
            .write(Verb::create,
                   resources({{"one", object}, {"two", R"({"kind": "ConfigMap", "metadata": {"name": "twin"}, "data": {}})"}}))
            .get();
    REQUIRE(report.has_error());
    CHECK(report.error().error.code == Code::invalid);
    CHECK(bench.cluster->begun().empty());
}
