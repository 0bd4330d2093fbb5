// SPDX-License-Identifier: Apache-2.0
//
// One object that stands in a configuration twice.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <array>

using namespace rsf::run::test;

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

// As Kubernetes' drivers tell them apart, by what is said of them now.
Result<std::vector<Before>> same_if_alike(std::string_view, const std::vector<Orderable> &resources) {
    const auto identity = [&](std::size_t of) {
        const boost::json::object said = boost::json::parse(resources[of].object).as_object();
        const auto text = [](const boost::json::object &from, std::string_view key) {
            return from.contains(key) ? std::string(from.at(key).as_string()) : std::string();
        };
        const boost::json::object &metadata = said.at("metadata").as_object();
        return std::array{text(said, "kind"), text(metadata, "name"), text(metadata, "namespace")};
    };
    std::vector<Before> order;
    for (std::size_t i = 0; i < resources.size(); ++i)
        for (std::size_t j = 0; j < resources.size(); ++j)
            if (i != j && identity(i) == identity(j)) order.push_back({i, j, "the same object"});
    return order;
}

} // namespace

TEST_CASE("what a reference makes the object that another resource is already is not written") {
    const std::string by_reference = R"~({"kind": "ConfigMap", "metadata": {"name": "$(ref.a.metadata.labels.x)"}, "data": {}})~";
    const std::string labelled = R"({"kind": "ConfigMap", "metadata": {"name": "a", "labels": {"x": "twin", "y": "twin"}}})";
    const std::string by_another = R"~({"kind": "ConfigMap", "metadata": {"name": "$(ref.a.metadata.labels.y)"}})~";
    struct Row {
        const char *name;
        std::string other;
        bool is_same;
    };
    const Row rows[] = {
        {"a name that another has", R"({"kind": "ConfigMap", "metadata": {"name": "twin"}})", true},
        {"a name that another was given", by_another, true},
        {"another namespace", R"({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "other"}})", false},
        {"another kind", R"({"kind": "Secret", "metadata": {"name": "twin"}})", false},
        {"another name", R"({"kind": "ConfigMap", "metadata": {"name": "single"}})", false},
    };
    for (const Row &row : rows)
        for (const Verb verb : {Verb::create, Verb::replace, Verb::apply}) {
            INFO(row.name << ", " << to_string(verb));
            Bench bench({.concurrency = 1});
            bench.cluster->order = same_if_alike;
            const Report report = bench.write(verb, resources({{"a", labelled}, {"b", row.other}, {"c", by_reference}})).get();
            CHECK(bench.cluster->begun().size() == (row.is_same ? 2 : 3));
            CHECK(report->resources[1].state->status != Status::failed);
            const State last = *report->resources[2].state;
            CHECK((last.status == Status::failed) == row.is_same);
            if (row.is_same)
                CHECK(last.errors ==
                      std::vector<std::string>{
                          "ConfigMap here/c: With its references filled in, it is the same object (ConfigMap twin) as "
                          "'b': leave one of them out, or give it another name in its metadata"});
        }
}

TEST_CASE("one object that stands in a configuration twice is written once, and both resources get its state") {
    for (const Verb verb : {Verb::create, Verb::replace, Verb::apply, Verb::remove}) {
        for (const bool works : {true, false}) {
            INFO(to_string(verb) << (works ? "" : " that fails"));
            Bench bench;
            bench.cluster->order = all_the_same;
            if (!works)
                bench.cluster->behave([](const Call &) -> Answer {
                    return Failure{Code::forbidden, "not you", Failure::Retry::never, {}, nullptr};
                });
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
    CHECK(report.error().code == Code::invalid);
    CHECK(bench.cluster->begun().empty());
}
