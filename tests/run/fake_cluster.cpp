// SPDX-License-Identifier: Apache-2.0
#include "run/fake_cluster.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rsf::daemon::test {

namespace {

std::mutex drivers_mutex;
// Never destroyed: leak checkers look at the very end.
std::set<const Driver *> &drivers_alive = *new std::set<const Driver *>;

class FakeDriver : public Driver {
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

    const Descriptor &descriptor() const override { return descriptor_; }

    std::vector<std::string> extensions() const override {
        return cluster_->order ? std::vector<std::string>{RSF_EXT_ORDER} : std::vector<std::string>{};
    }

    Answer perform(const Call &call) override { return cluster_->perform(call); }
    std::size_t batch_limit() const override { return cluster_->batch_limit; }
    std::vector<Answer> perform_all(const std::vector<Call> &calls) override { return cluster_->perform_all(calls); }

    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) override {
        return cluster_->order(ns, resources);
    }

  private:
    const std::shared_ptr<FakeCluster> cluster_;
    Descriptor descriptor_;
};

} // namespace

std::unique_ptr<Driver> make_fake_driver(std::shared_ptr<FakeCluster> cluster) {
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

Call FakeCluster::call_of(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    return calls_.at(name);
}

std::vector<std::string> FakeCluster::batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
}

std::vector<Answer> FakeCluster::perform_all(const std::vector<Call> &calls) {
    {
        const std::lock_guard lock(mutex_);
        std::string names;
        for (const Call &call : calls) names += (names.empty() ? "" : " ") + call.name;
        batches_.push_back(names);
    }
    std::vector<Answer> answers;
    for (const Call &call : calls) answers.push_back(perform(call));
    return answers;
}

Answer FakeCluster::perform(const Call &call) {
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
        if (stop) return Failure{Code::cancelled, "it was stopped", {}, {}, nullptr};
    }
    if (answer) return answer(call);
    if (call.verb == Verb::remove) return Success{};
    if (call.object.empty()) return Success{{{"name", call.name}}, 0, {}};
    return Success{boost::json::parse(call.object), 0, "/fake/" + call.name};
}

} // namespace rsf::daemon::test
