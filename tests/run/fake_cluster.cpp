// SPDX-License-Identifier: Apache-2.0
#include "run/fake_cluster.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rsf::run::test {

namespace {

std::mutex drivers_mutex;
// Never destroyed: leak checkers look at the very end.
std::set<const drivers::Driver *> &drivers_alive = *new std::set<const drivers::Driver *>;

class FakeDriver : public drivers::Driver {
  public:
    explicit FakeDriver(std::shared_ptr<FakeCluster> cluster) : cluster_(std::move(cluster)) {
        descriptor_.name = "fake";
        descriptor_.concurrent = cluster_->concurrent;
        descriptor_.capabilities = cluster_->capabilities;
        const std::lock_guard lock(drivers_mutex);
        drivers_alive.insert(this);
    }

    ~FakeDriver() override {
        const std::lock_guard lock(drivers_mutex);
        drivers_alive.erase(this);
    }

    const drivers::Descriptor &descriptor() const override { return descriptor_; }

    std::vector<std::string> extensions() const override {
        return cluster_->order ? std::vector<std::string>{RSF_EXT_ORDER} : std::vector<std::string>{};
    }

    drivers::Answer perform(const drivers::Call &call) override { return cluster_->perform(call); }
    std::size_t batch_limit() const override { return cluster_->batch_limit; }
    std::vector<drivers::Answer> perform_all(const std::vector<drivers::Call> &calls) override {
        return cluster_->perform_all(calls);
    }

    Result<std::vector<drivers::Before>> order(std::string_view ns, const std::vector<drivers::Orderable> &resources) override {
        return cluster_->order(ns, resources);
    }

  private:
    const std::shared_ptr<FakeCluster> cluster_;
    drivers::Descriptor descriptor_;
};

} // namespace

std::unique_ptr<drivers::Driver> make_fake_driver(std::shared_ptr<FakeCluster> cluster) {
    return std::make_unique<FakeDriver>(std::move(cluster));
}

std::size_t fake_drivers_alive() {
    const std::lock_guard lock(drivers_mutex);
    return drivers_alive.size();
}

void FakeCluster::hold(const std::string &name, bool obedient) {
    const std::lock_guard lock(mutex_);
    held_[name] = obedient;
}

void FakeCluster::let_go(const std::string &name) {
    const std::lock_guard lock(mutex_);
    held_.erase(name);
    changed_.notify_all();
}

void FakeCluster::wait_for(const std::string &name) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::ranges::find(begun_, name) != begun_.end(); });
}

void FakeCluster::wait_for_calls(std::size_t running) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == running; });
}

std::vector<std::string> FakeCluster::begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
}

std::size_t FakeCluster::most_at_once() const {
    const std::lock_guard lock(mutex_);
    return most_;
}

drivers::Call FakeCluster::call_of(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    return calls_.at(name);
}

std::vector<std::string> FakeCluster::batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
}

std::vector<drivers::Answer> FakeCluster::perform_all(const std::vector<drivers::Call> &calls) {
    {
        const std::lock_guard lock(mutex_);
        std::string names;
        for (const drivers::Call &call : calls) names += (names.empty() ? "" : " ") + call.name;
        batches_.push_back(names);
    }
    std::vector<drivers::Answer> answers;
    for (const drivers::Call &call : calls) answers.push_back(perform(call));
    return answers;
}

drivers::Answer FakeCluster::perform(const drivers::Call &call) {
    const std::stop_callback stopped(call.stop, [this] {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
    });
    {
        std::unique_lock lock(mutex_);
        begun_.push_back(call.name);
        calls_[call.name] = call;
        most_ = std::max(most_, ++running_);
        changed_.notify_all();
        bool stop = false;
        changed_.wait(lock, [&] {
            const auto held = held_.find(call.name);
            stop = held != held_.end() && held->second && call.stop.stop_requested();
            return held == held_.end() || stop;
        });
        --running_;
        changed_.notify_all();
        if (stop) return drivers::Failure{Code::cancelled, "it was stopped", {}, {}, nullptr};
    }
    if (answer) return answer(call);
    if (call.verb == drivers::Verb::remove) return drivers::Success{};
    if (call.object.empty()) return drivers::Success{{{"name", call.name}}, 0, {}};
    return drivers::Success{boost::json::parse(call.object), 0, "/fake/" + call.name};
}

} // namespace rsf::run::test
