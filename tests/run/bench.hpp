// SPDX-License-Identifier: Apache-2.0
//
// What tests of targets start from: a target over a fake cluster, its log as lines, and operations to wait for.
#pragma once

#include "run/observers/log_observer.hpp"
#include "run/observers/metrics_observer.hpp"
#include "run/runner.hpp"
#include "support/fake_cluster.hpp"
#include "support/log_lines.hpp"
#include "targets/target.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rsf::run::test {

// What the tests of running speak of: they use this namespace alone.
using namespace base;
using namespace drivers;
using namespace metrics;
using namespace parse;
using namespace config;
using namespace run;
using namespace targets;
namespace json = boost::json;
using rsf::test::FakeCluster, rsf::test::FakeDriver, rsf::test::Lines, rsf::test::fake_drivers_alive;

inline constexpr auto for_ever = std::chrono::steady_clock::time_point::max();

struct Bench {
    explicit Bench(TargetLimits of = {}) : limits(of) {}

    // Made when first used, so that a test can set the cluster up.
    Target &target() {
        if (!made) made = Target::make("prod", std::make_unique<FakeDriver>(cluster), limits, log, nullptr, {}, counted);
        return *made;
    }

    std::future<Report> write(drivers::Verb verb, parse::Configuration configuration, std::string request_id = "r1") {
        auto promise = std::make_shared<std::promise<Report>>();
        runner.write(target(), {verb, std::move(configuration), "here", std::move(request_id)},
                     [promise](Report report) { promise->set_value(std::move(report)); });
        return promise->get_future();
    }

    std::future<drivers::Answer> read(const std::string &name, std::stop_token stop = {}) {
        auto promise = std::make_shared<std::promise<drivers::Answer>>();
        drivers::Call call;
        call.verb = drivers::Verb::get;
        call.type = "cm";
        call.name = name;
        call.request_id = "r2";
        target().ask(std::move(call), std::move(stop),
                     [promise](drivers::Answer answer) { promise->set_value(std::move(answer)); });
        return promise->get_future();
    }

    TargetLimits limits;
    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    Lines lines;
    Log log = lines.log;
    std::shared_ptr<metrics::TargetMetrics> counted; // null: nothing is counted
    std::shared_ptr<Target> made;
    Runner runner{{std::make_shared<MetricsObserver>(), std::make_shared<LogObserver>(log)}};
};

// Resources by name and properties as JSON.
inline parse::Configuration resources(const std::vector<std::pair<std::string, std::string>> &of) {
    parse::Configuration made;
    for (const auto &[name, properties] : of)
        made.resources.push_back({name, "Thing", boost::json::parse(properties).as_object(), {}, {}});
    return made;
}

inline parse::Configuration plain(const std::vector<std::string> &names) {
    parse::Configuration made;
    for (const std::string &name : names) made.resources.push_back({name, "Thing", {{"value", name}}, {}, {}});
    return made;
}

// "Created Failed Aborted", in the order of the resources.
inline std::string statuses(const Report &report) {
    if (!report) return "refused: " + report.error().message;
    std::string text;
    for (const parse::Resource &resource : report->resources) {
        if (!text.empty()) text += ' ';
        text += resource.state ? to_string(resource.state->status) : "none";
    }
    return text;
}

inline std::string first_error(const Report &report, std::size_t resource) {
    const parse::State &state = report->resources.at(resource).state.value();
    return state.errors.empty() ? "" : state.errors.front();
}

inline drivers::Failure failure(std::string message, Code code = Code::internal) {
    return {code, std::move(message), {}, {}, nullptr};
}

} // namespace rsf::run::test
