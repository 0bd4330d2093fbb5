// SPDX-License-Identifier: Apache-2.0
#include "support/fake_cluster.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace rsf::test {

namespace {

std::mutex drivers_mutex;
// Never destroyed: leak checkers look at the very end.
std::set<const drivers::Driver *> &drivers_alive = *new std::set<const drivers::Driver *>;

} // namespace

FakeDriver::FakeDriver(std::shared_ptr<FakeCluster> cluster) : cluster_(std::move(cluster)) {
    descriptor_.name = "fake";
    descriptor_.version = "1.2.3";
    descriptor_.vendor = "Tests Ltd";
    descriptor_.url = "https://example.org/fake";
    descriptor_.summary = "deploys to memory";
    descriptor_.concurrent = cluster_->concurrent;
    descriptor_.capabilities = cluster_->capabilities;
    descriptor_.abi_major = 1;
    descriptor_.checks_revisions = cluster_->checks_revisions;
    const std::lock_guard lock(drivers_mutex);
    drivers_alive.insert(this);
}

FakeDriver::~FakeDriver() {
    const std::lock_guard lock(drivers_mutex);
    drivers_alive.erase(this);
}

std::vector<std::string> FakeDriver::extensions() const {
    std::vector<std::string> offered;
    if (cluster_->order) offered.emplace_back(RSF_EXT_ORDER);
    if (cluster_->settle) offered.emplace_back(RSF_EXT_SETTLE);
    return offered;
}

std::size_t fake_drivers_alive() {
    const std::lock_guard lock(drivers_mutex);
    return drivers_alive.size();
}

void FakeCluster::behave(Behaviour behaviour) {
    const std::lock_guard lock(mutex_);
    behaviour_ = std::move(behaviour);
}

void FakeCluster::feel(std::function<drivers::DriverHealth()> health) {
    const std::lock_guard lock(mutex_);
    health_ = std::move(health);
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
    changed_.wait(lock, [&] { return std::ranges::find(calls_, name, &drivers::Call::name) != calls_.end(); });
}

void FakeCluster::wait_for_calls(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= count; });
}

void FakeCluster::wait_for_running(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == count; });
}

std::vector<drivers::Call> FakeCluster::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

drivers::Call FakeCluster::call_of(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    const auto last = std::ranges::find(calls_.rbegin(), calls_.rend(), name, &drivers::Call::name);
    if (last == calls_.rend()) throw std::out_of_range("there was no call of " + name);
    return *last;
}

std::vector<std::string> FakeCluster::begun() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const drivers::Call &call : calls_) names.push_back(call.name);
    return names;
}

std::vector<std::string> FakeCluster::batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
}

std::size_t FakeCluster::most_at_once() const {
    const std::lock_guard lock(mutex_);
    return most_;
}

drivers::DriverHealth FakeCluster::health() const {
    std::function<drivers::DriverHealth()> health;
    {
        const std::lock_guard lock(mutex_);
        health = health_;
    }
    return health ? health() : drivers::DriverHealth{};
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
    Behaviour behaviour;
    {
        std::unique_lock lock(mutex_);
        calls_.push_back(call);
        calls_.back().memory.reset(); // it is the request's
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
        if (stop) return drivers::Failure{base::Code::cancelled, "it was stopped", {}, {}, nullptr};
        behaviour = behaviour_;
    }
    if (behaviour) return behaviour(call);
    if (call.verb == drivers::Verb::remove) return drivers::Success{};
    boost::json::value object{{"kind", call.type}, {"metadata", {{"name", call.name}}}};
    if (call.verb == drivers::Verb::list) object = {{"kind", "List"}, {"items", boost::json::array{object}}};
    if (!call.object.empty()) object = boost::json::parse(call.object);
    return drivers::Success{std::move(object), 0, "/fake/" + call.name};
}

} // namespace rsf::test
