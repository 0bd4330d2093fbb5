// SPDX-License-Identifier: Apache-2.0
#include "targets/health_rounds.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "shared/mutex.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rsf::targets {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds first_pause{250};
constexpr int finding_out = 5; // questions during which a driver may only be finding out how it is: they are not logged
constexpr std::size_t longest_reason_logged = 500;

// One target that is asked.
struct Visited {
    std::weak_ptr<Target> target;
    Clock::time_point due = Clock::now();
    std::chrono::milliseconds pause = first_pause; // to the next question; it grows
    int questions = 0;                             // that were asked, up to finding_out
    bool was_ready = true;                         // as the log has it
};

bool is_same(const std::weak_ptr<Target> &one, const std::shared_ptr<Target> &other) {
    return !one.owner_before(other) && !other.owner_before(one);
}

} // namespace

struct HealthRounds::State {
    State(Log to, std::chrono::milliseconds longest) : log(std::move(to)), every(longest) {}

    void run() {
        shared::Lock lock(mutex);
        while (!stopping) {
            std::vector<std::shared_ptr<Target>> asked; // released without the lock: it may be the last holder
            const Clock::time_point next = visit_due(asked);
            lock.unlock();
            asked.clear();
            lock.lock();
            const auto is_called = [&]() REQUIRES(mutex) { return stopping || has_new; };
            if (next == Clock::time_point::max())
                changed.wait(lock, is_called);
            else
                changed.wait_until(lock, next, is_called);
            has_new = false;
        }
    }

    // When the next one is due.
    Clock::time_point visit_due(std::vector<std::shared_ptr<Target>> &asked) REQUIRES(mutex) {
        const Clock::time_point now = Clock::now();
        Clock::time_point next = Clock::time_point::max();
        for (auto &[name, visited] : visits) {
            if (visited.due <= now) {
                std::shared_ptr<Target> target = visited.target.lock();
                if (!target) continue; // replaced: replace() comes, or came
                visit(name, visited, *target);
                asked.push_back(std::move(target));
            }
            next = std::min(next, visited.due);
        }
        return next;
    }

    void visit(const std::string &name, Visited &visited, const Target &target) REQUIRES(mutex) {
        // Random, so that targets that were made together are not asked together for ever.
        const auto shortened = std::uniform_int_distribution<long>(0, std::min(visited.pause, every).count() / 5)(random);
        visited.due = Clock::now() + std::min(visited.pause, every) - std::chrono::milliseconds(shortened);
        visited.pause = std::min(2 * visited.pause, every);
        if (target.drained()) return;
        const std::optional<Health> health = target.known_health(); // as it answered the last question
        if (health && visited.questions == finding_out) note(name, visited, *health);
        visited.questions = std::min(visited.questions + 1, finding_out);
        static_cast<void>(target.ask_health());
    }

    void note(const std::string &name, Visited &visited, const Health &health) const {
        if (health.ok == visited.was_ready) return;
        visited.was_ready = health.ok;
        if (health.ok)
            log->info("{}ready again", LogFields{{"target", name}});
        else
            log->warn("{}not ready: {}", LogFields{{"target", name}}, printable(health.reason, longest_reason_logged));
    }

    // constant after construction
    const Log log;
    const std::chrono::milliseconds every;

    shared::Mutex mutex;
    shared::Condition changed;
    std::map<std::string, Visited> visits GUARDED_BY(mutex); // by name
    std::minstd_rand random GUARDED_BY(mutex){std::random_device{}()};
    bool has_new GUARDED_BY(mutex) = false;
    bool stopping GUARDED_BY(mutex) = false;

    std::thread thread; // last: it uses all of the above
};

HealthRounds::HealthRounds(Log log, std::chrono::milliseconds every) : state_(std::make_unique<State>(std::move(log), every)) {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

HealthRounds::~HealthRounds() {
    {
        const shared::Lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->changed.notify_all();
    state_->thread.join();
}

void HealthRounds::replace(const TargetSet &targets) {
    const shared::Lock lock(state_->mutex);
    std::map<std::string, Visited> next;
    for (const auto &[name, target] : targets.by_name) {
        if (!target) continue; // it is being replaced: the next set has it
        const auto found = state_->visits.find(name);
        const bool is_known = found != state_->visits.end() && is_same(found->second.target, target);
        next.emplace(name, is_known ? std::move(found->second) : Visited{.target = target});
    }
    state_->visits = std::move(next);
    state_->has_new = true;
    state_->changed.notify_all();
}

} // namespace rsf::targets
