// SPDX-License-Identifier: Apache-2.0
//
// Real targets over a fake cluster, and the API over them.
#pragma once

#include "api/api.hpp"
#include "http/workers.hpp"
#include "metrics/metrics.hpp"
#include "operations/operations.hpp"
#include "run/observers/log_observer.hpp"
#include "run/observers/metrics_observer.hpp"
#include "run/runner.hpp"
#include "store/memory/memory_store.hpp"
#include "support/fake_cluster.hpp"
#include "targets/target_set.hpp"

#include <boost/json/parse.hpp>

#include <memory>
#include <string>
#include <vector>

namespace rsf::api::test {

using rsf::test::FakeCluster, rsf::test::FakeDriver;

inline std::shared_ptr<targets::Target> fake_target(const std::string &name, const std::shared_ptr<FakeCluster> &cluster,
                                                    config::TargetLimits limits = {},
                                                    std::optional<config::Strategy> strategy = {}) {
    if (!cluster->order) cluster->order = [](auto, const auto &) { return std::vector<drivers::Before>{}; };
    return targets::Target::make(name, std::make_unique<FakeDriver>(cluster), limits, silent_log(), nullptr, strategy);
}

// Plans: everything would be made as it was posted, but what is called "bad".
class FakePlanner : public FakeDriver {
  public:
    using FakeDriver::FakeDriver;

    Result<std::unique_ptr<drivers::Planning>> plan(drivers::Verb, std::string, std::vector<drivers::Orderable>) override {
        struct Fake : drivers::Planning {
            drivers::Answer step(std::size_t, const drivers::Call &call, const std::vector<std::string> &) override {
                const boost::json::value object = boost::json::parse(call.object);
                const bool bad = call.name == "bad";
                boost::json::object step{{"action", bad ? "failed" : "create"},
                                         {"basis", "client"},
                                         {"reason", "It is a fake."},
                                         {"before", nullptr},
                                         {"after", object},
                                         {"object", object}};
                if (bad) step["errors"] = {"It is bad."};
                return drivers::Success{std::move(step), 0, {}};
            }
            void end() override {}
        };
        return std::make_unique<Fake>();
    }
};

// The targets "prod", which is the default, has this strategy and can be planned over, and "review", over one cluster.
inline targets::TargetSet fake_targets(const std::shared_ptr<FakeCluster> &cluster,
                                       config::Strategy strategy = config::Strategy::create_replace) {
    targets::TargetSet targets{
        {{"prod", fake_target("prod", cluster, {}, strategy)}, {"review", fake_target("review", cluster)}}, {}, "prod"};
    targets.planners.emplace("prod", targets::Target::make("prod", std::make_unique<FakePlanner>(cluster), {}, silent_log(),
                                                           targets.by_name.at("prod")));
    return targets;
}

// The API over these, as main.cpp puts it together.
inline std::shared_ptr<Api> make_api(targets::TargetSet targets, Offload later, const std::shared_ptr<http::Workers> &questions,
                                     std::shared_ptr<const metrics::Metrics> metrics, const Log &log,
                                     std::shared_ptr<store::Store> store = std::make_shared<store::MemoryStore>()) {
    const auto operations = std::make_shared<operations::Operations>(store, later, log);
    const auto runner = std::make_shared<const run::Runner>(std::vector<std::shared_ptr<run::Observer>>{
        std::make_shared<run::MetricsObserver>(), std::make_shared<run::LogObserver>(log), operations->observer()});
    operations->use(runner);
    return std::make_shared<Api>(std::move(targets), Tools{.later = {std::move(later), log},
                                                           .after_questions = {http::offload_to(questions), log},
                                                           .runner = runner,
                                                           .operations = operations,
                                                           .metrics = std::move(metrics),
                                                           .log = log});
}

} // namespace rsf::api::test
