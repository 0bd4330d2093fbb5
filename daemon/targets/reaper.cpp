// SPDX-License-Identifier: Apache-2.0
#include "targets/reaper.hpp"

#include "shared/mutex.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace rsf::targets {

struct Reaper::State : std::enable_shared_from_this<State> {
    // The last holder released target.
    void take(std::unique_ptr<Target> target) {
        Target *const taken = target.get();
        {
            const shared::Lock lock(mutex);
            if (!stopped) {
                at_work.push_back(std::move(target));
                ++asking;
            }
        }
        if (target) return; // it ends here
        taken->when_idle([state = shared_from_this(), taken] { state->note_idle(taken); });
        const shared::Lock lock(mutex);
        --asking;
        changed.notify_all();
    }

    // Under the lock of the target's pool.
    void note_idle(const Target *target) {
        const shared::Lock lock(mutex);
        const auto found = std::ranges::find(at_work, target, &std::unique_ptr<Target>::get);
        if (found == at_work.end()) return; // it is being ended already
        idle.push_back(std::move(*found));
        at_work.erase(found);
        changed.notify_all();
    }

    // Runs until it is stopped.
    void run() {
        shared::Lock lock(mutex);
        for (;;) {
            changed.wait(lock, [&]() REQUIRES(mutex) { return (stopped && asking == 0) || !idle.empty(); });
            if (stopped && asking == 0) std::ranges::move(std::exchange(at_work, {}), std::back_inserter(idle));
            if (idle.empty()) return; // stopped
            std::vector<std::unique_ptr<Target>> ending = std::exchange(idle, {});
            lock.unlock();
            std::vector<const Target *> ended;
            for (std::unique_ptr<Target> &target : ending) {
                ended.push_back(target.get());
                target.reset(); // takes as long as the driver's destruction
            }
            lock.lock();
            for (const Target *target : ended) alive.erase(target);
            changed.notify_all();
        }
    }

    shared::Mutex mutex;
    shared::Condition changed;
    std::set<const Target *> alive GUARDED_BY(mutex); // only compared
    // that nothing holds any more
    std::vector<std::unique_ptr<Target>> at_work GUARDED_BY(mutex);
    std::vector<std::unique_ptr<Target>> idle GUARDED_BY(mutex);
    std::size_t asking GUARDED_BY(mutex) = 0; // threads that ask to be told when one of at_work is idle
    bool stopped GUARDED_BY(mutex) = false;
};

Reaper::Reaper() : state_(std::make_shared<State>()), thread_([state = state_] { state->run(); }) {}

Reaper::~Reaper() {
    {
        const shared::Lock lock(state_->mutex);
        state_->stopped = true;
    }
    state_->changed.notify_all();
    thread_.join();
}

std::shared_ptr<Target> Reaper::adopt(std::unique_ptr<Target> target) {
    {
        const shared::Lock lock(state_->mutex);
        state_->alive.insert(target.get());
    }
    return {target.release(), [state = state_](Target *let_go) { state->take(std::unique_ptr<Target>(let_go)); }};
}

bool Reaper::wait_for(const std::vector<const Target *> &targets, std::chrono::steady_clock::time_point until) {
    shared::Lock lock(state_->mutex);
    return state_->changed.wait_until(lock, until, [&]() REQUIRES(state_->mutex) {
        return std::ranges::none_of(targets,
                                    [&](const Target *target) REQUIRES(state_->mutex) { return state_->alive.contains(target); });
    });
}

} // namespace rsf::targets
