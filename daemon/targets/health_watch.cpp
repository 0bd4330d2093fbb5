// SPDX-License-Identifier: Apache-2.0
#include "targets/health_watch.hpp"

#include "shared/mutex.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace rsf::targets {

namespace {

drivers::DriverHealth ask_safely(const std::function<drivers::DriverHealth()> &ask) {
    try {
        return ask();
    } catch (const std::exception &error) { // no memory, no descriptor
        return {false, std::string("its health can't be checked: ") + error.what(), {}};
    }
}

} // namespace

struct HealthWatch::State {
    bool is_overdue() const REQUIRES(mutex) { return asked_since && Clock::now() - *asked_since > abandon_after; }

    drivers::DriverHealth said() const REQUIRES(mutex) {
        if (is_overdue()) return {false, who + " does not return from its health check", {}};
        return last.value_or(drivers::DriverHealth{false, who + " has not reported its health yet", {}});
    }

    void run() {
        shared::Lock lock(mutex);
        for (;;) {
            changed.wait(lock, [&]() REQUIRES(mutex) { return asked_since || stopping; });
            if (!asked_since) return;
            std::shared_ptr<const void> kept = std::move(keep);
            lock.unlock();
            drivers::DriverHealth answer = ask_safely(driver);
            kept.reset(); // perhaps the watch itself; released before waiting threads see the answer
            lock.lock();
            last = std::move(answer);
            asked_since.reset();
            changed.notify_all();
        }
    }

    // constant after construction
    std::function<drivers::DriverHealth()> driver;
    std::string who;
    std::chrono::milliseconds abandon_after;

    shared::Mutex mutex;
    shared::Condition changed;
    std::thread thread GUARDED_BY(mutex);                           // begun when it is first needed
    Ask asks GUARDED_BY(mutex) = 0;                                 // the last one is under way, or answered
    std::optional<Clock::time_point> asked_since GUARDED_BY(mutex); // none: it is answered
    std::shared_ptr<const void> keep GUARDED_BY(mutex);
    std::optional<drivers::DriverHealth> last GUARDED_BY(mutex);
    bool stopping GUARDED_BY(mutex) = false;
};

HealthWatch::HealthWatch(std::function<drivers::DriverHealth()> ask, std::string who, std::chrono::milliseconds abandon_after)
    : state_(std::make_shared<State>()) {
    state_->driver = std::move(ask);
    state_->who = std::move(who);
    state_->abandon_after = abandon_after;
}

HealthWatch::~HealthWatch() {
    std::thread thread;
    {
        const shared::Lock lock(state_->mutex);
        state_->stopping = true;
        thread = std::move(state_->thread);
        state_->changed.notify_all();
    }
    if (!thread.joinable()) return;
    if (thread.get_id() == std::this_thread::get_id())
        thread.detach(); // what it does from here on, it does with the state
    else
        thread.join();
}

HealthWatch::Ask HealthWatch::ask(std::shared_ptr<const void> keep) {
    const shared::Lock lock(state_->mutex);
    if (state_->asked_since || state_->stopping) return state_->asks;
    if (!state_->thread.joinable()) {
        try {
            state_->thread = std::thread([state = state_] { state->run(); });
        } catch (const std::exception &error) { // no thread
            state_->last = drivers::DriverHealth{false, std::string("its health can't be checked: ") + error.what(), {}};
            return state_->asks;
        }
    }
    ++state_->asks;
    state_->asked_since = Clock::now();
    state_->keep = std::move(keep);
    state_->changed.notify_all();
    return state_->asks;
}

drivers::DriverHealth HealthWatch::said(Ask ask, std::chrono::milliseconds worth_waiting) const {
    shared::Lock lock(state_->mutex);
    const auto is_under_way = [&]() REQUIRES(state_->mutex) { return state_->asked_since && state_->asks == ask; };
    if (is_under_way()) {
        const Clock::time_point until = *state_->asked_since + worth_waiting;
        state_->changed.wait_until(lock, until, [&]() REQUIRES(state_->mutex) { return !is_under_way(); });
    }
    return state_->said();
}

drivers::DriverHealth HealthWatch::said() const {
    const shared::Lock lock(state_->mutex);
    return state_->said();
}

bool HealthWatch::has_said() const {
    const shared::Lock lock(state_->mutex);
    return state_->last || state_->is_overdue();
}

bool HealthWatch::is_overdue() const {
    const shared::Lock lock(state_->mutex);
    return state_->is_overdue();
}

bool HealthWatch::wait_idle(Clock::time_point until) const {
    shared::Lock lock(state_->mutex);
    while (state_->asked_since && !state_->is_overdue()) {
        const Clock::time_point overdue_at = *state_->asked_since + state_->abandon_after + std::chrono::milliseconds(1);
        if (Clock::now() >= until) return false;
        state_->changed.wait_until(lock, std::min(until, overdue_at));
    }
    return true;
}

} // namespace rsf::targets
