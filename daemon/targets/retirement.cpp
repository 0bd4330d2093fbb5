// SPDX-License-Identifier: Apache-2.0
#include "targets/retirement.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::targets {

namespace {

// How often those that are left are looked at: nobody says when a target is let go of.
constexpr std::chrono::milliseconds turn{10};

} // namespace

Retirement::Retirement() : thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

void Retirement::add(std::shared_ptr<run::Target> target) {
    const std::lock_guard lock(mutex_);
    targets_.push_back(std::move(target));
    changed_.notify_all();
}

std::vector<std::shared_ptr<run::Target>> Retirement::targets() const {
    const std::lock_guard lock(mutex_);
    return targets_;
}

void Retirement::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [&] { return !targets_.empty(); });
        }
        if (end_free()) continue;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, turn, [] { return false; });
    }
}

// Ends those that may be; whether there was any.
bool Retirement::end_free() {
    std::vector<std::shared_ptr<run::Target>> free;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(targets_, [&](std::shared_ptr<run::Target> &target) {
            // Held by nobody else, nobody can begin anything on it any more.
            if (target.use_count() != 1 || !target->wait_idle(std::chrono::steady_clock::time_point{})) return false;
            ending_.push_back(target.get());
            free.push_back(std::move(target));
            return true;
        });
    }
    const bool any = !free.empty();
    free.clear(); // takes as long as their drivers take to end
    const std::lock_guard lock(mutex_);
    ending_.clear();
    changed_.notify_all();
    return any;
}

bool Retirement::wait_for(const std::vector<const run::Target *> &targets, std::chrono::steady_clock::time_point until) {
    const auto is_one = [&](const run::Target *target) { return std::ranges::find(targets, target) != targets.end(); };
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, until, [&] {
        return std::ranges::none_of(ending_, is_one) &&
               std::ranges::none_of(targets_, [&](const auto &target) { return is_one(target.get()); });
    });
}

} // namespace rsf::targets
