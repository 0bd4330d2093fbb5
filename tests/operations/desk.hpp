// SPDX-License-Identifier: Apache-2.0
//
// Operations over a target with a fake cluster, and a store that fails when a test says so.
#pragma once

#include "operations/operations.hpp"
#include "operations/record.hpp"
#include "run/observers/log_observer.hpp"
#include "run/runner.hpp"
#include "store/memory/memory_store.hpp"
#include "support/fake_cluster.hpp"
#include "support/log_lines.hpp"
#include "targets/target.hpp"
#include "targets/target_set.hpp"

#include <boost/json/parse.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rsf::operations::test {

using namespace base;
using namespace operations;
namespace json = boost::json;
namespace drivers = rsf::drivers;
namespace parse = rsf::parse;
namespace run = rsf::run;
namespace store = rsf::store;
namespace targets = rsf::targets;
using rsf::test::FakeCluster, rsf::test::FakeDriver, rsf::test::Lines;
using store::State;

class FlakyStore final : public store::Store {
  public:
    void commit(std::vector<store::Change> batch, Done done) override {
        if (!fails) return kept_.commit(std::move(batch), std::move(done));
        done(unavailable("the store has no room left on its disk"));
    }
    Result<std::optional<store::Operation>> find(const std::string &id) override { return kept_.find(id); }
    Result<store::Page> list(const store::Filter &filter, std::size_t limit, const std::string &after) override {
        return kept_.list(filter, limit, after);
    }
    Result<std::vector<store::Operation>> unfinished() override { return kept_.unfinished(); }
    Result<std::optional<store::KeyUse>> key(const std::string &caller, const std::string &text, store::Time at) override {
        return kept_.key(caller, text, at);
    }
    Result<std::size_t> count() override { return kept_.count(); }
    store::Health health() const override {
        return {!is_unhealthy, is_unhealthy ? "The store has no room left on its disk." : ""};
    }
    std::string name() const override { return "flaky"; }
    bool outlasts_daemon() const override { return outlasts; }

    std::atomic<bool> fails = false, is_unhealthy = false, outlasts = false;

  private:
    store::MemoryStore kept_;
};

// An operation that was asked for: where it is, and how it ended.
struct Asked {
    std::shared_future<boost::system::result<Accepted, drivers::Failure>> accepted;
    std::shared_future<run::Report> report;
    std::string id() const { return accepted.get().value().id; }
};

// "Created Failed", in the order of the resources; or why all was refused.
inline std::string statuses(const run::Report &report) {
    if (!report) return "refused: " + report.error().message;
    std::string text;
    for (const parse::Resource &resource : report->resources)
        text += (text.empty() ? "" : " ") + std::string(resource.state ? to_string(resource.state->status) : "none");
    return text;
}

inline std::string statuses(const store::Operation &operation) {
    std::string text;
    for (const store::Step &step : operation.steps) text += (text.empty() ? "" : " ") + step.status;
    return text;
}

// Things in the namespace shop, each with its name as its value; "b<a" refers to a.
inline parse::Configuration things(const std::vector<std::string> &names) {
    parse::Configuration made;
    for (const std::string &each : names) {
        const auto refers = each.find('<');
        const std::string name = each.substr(0, refers);
        json::object properties{{"kind", "Thing"}, {"metadata", {{"name", name}, {"namespace", "shop"}}}, {"value", name}};
        if (refers != each.npos) properties["of"] = "$(ref." + each.substr(refers + 1) + ".value)";
        made.resources.push_back({name, "Thing", std::move(properties), {}, {}});
    }
    return made;
}

struct Desk {
    Desk() { use(store); }

    void use(const std::shared_ptr<store::Store> &kept, store::Seal seal = {}) {
        operations = std::make_shared<Operations>(
            kept, [](const std::function<void()> &work) { work(); }, lines.log, std::move(seal));
        runner = std::make_shared<const run::Runner>(
            std::vector<std::shared_ptr<run::Observer>>{std::make_shared<run::LogObserver>(lines.log), operations->observer()});
        operations->use(runner);
    }

    std::shared_ptr<targets::Target> target() {
        if (!made) made = targets::Target::make("prod", std::make_unique<FakeDriver>(cluster), limits, lines.log);
        return made;
    }
    std::shared_ptr<targets::Target> other() {
        if (!made_too) made_too = targets::Target::make("stage", std::make_unique<FakeDriver>(cluster), limits, lines.log);
        return made_too;
    }
    targets::TargetSet targets() {
        targets::TargetSet set;
        set.by_name["prod"] = target();
        return set;
    }

    Asked ask(drivers::Verb verb, parse::Configuration configuration, const std::string &key = {},
              const std::string &digest = {}) {
        const auto accepted = std::make_shared<std::promise<boost::system::result<Accepted, drivers::Failure>>>();
        const auto report = std::make_shared<std::promise<run::Report>>();
        Wanted wanted;
        wanted.target = target();
        wanted.operation.verb = verb;
        wanted.operation.configuration = std::move(configuration);
        wanted.operation.request_id = "r-1";
        wanted.operation.caller.name = "anna";
        wanted.reason = "ticket 7";
        wanted.key = key;
        wanted.digest = digest;
        Asked asked{accepted->get_future().share(), report->get_future().share()};
        operations->begin(
            std::move(wanted), [accepted](auto result) { accepted->set_value(std::move(result)); },
            [report](run::Report ended) { report->set_value(std::move(ended)); });
        return asked;
    }
    Asked create(const std::vector<std::string> &names) { return ask(drivers::Verb::create, things(names)); }

    Result<void> cancel(const std::string &id) {
        std::promise<Result<void>> told;
        operations->cancel(id, [&](auto result) { told.set_value(std::move(result)); });
        return told.get_future().get();
    }

    store::Operation record(const std::string &id) const { return operations->find(id).value().value(); }

    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    Lines lines;
    rsf::config::TargetLimits limits;
    std::shared_ptr<FlakyStore> store = std::make_shared<FlakyStore>();
    std::shared_ptr<targets::Target> made, made_too;
    std::shared_ptr<Operations> operations;
    std::shared_ptr<const run::Runner> runner;
};

} // namespace rsf::operations::test
