// SPDX-License-Identifier: Apache-2.0
#include "operations/timers.hpp"

#include "shared/mutex.hpp"

#include <map>

namespace rsf::operations {

struct Timers::State {
    void run() {
        shared::Lock lock(mutex);
        while (!stopping) {
            if (calls.empty()) {
                changed.wait(lock);
                continue;
            }
            const auto first = calls.begin();
            if (first->first > Clock::now()) {
                const Clock::time_point time = first->first; // the entry may be gone when the wait ends
                changed.wait_until(lock, time);
                continue;
            }
            std::function<void()> call = std::move(first->second);
            calls.erase(first);
            lock.unlock();
            call();
            call = nullptr; // with what it holds, perhaps the owner of this
            lock.lock();
        }
    }

    shared::Mutex mutex;
    shared::Condition changed;
    std::multimap<Clock::time_point, std::function<void()>> calls GUARDED_BY(mutex);
    bool stopping GUARDED_BY(mutex) = false;
};

Timers::Timers() : state_(std::make_shared<State>()), thread_([state = state_] { state->run(); }) {}

Timers::~Timers() {
    std::multimap<Clock::time_point, std::function<void()>> dropped; // destroyed without the lock
    {
        const shared::Lock lock(state_->mutex);
        state_->stopping = true;
        dropped.swap(state_->calls);
    }
    state_->changed.notify_all();
    if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach();
    else
        thread_.join();
}

void Timers::at(Clock::time_point time, std::function<void()> call) {
    const shared::Lock lock(state_->mutex);
    if (state_->stopping) return;
    const auto added = state_->calls.emplace(time, std::move(call));
    if (added == state_->calls.begin()) state_->changed.notify_all();
}

} // namespace rsf::operations
