// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/reach.hpp"

#include "kubectl/process/blocked_signals.hpp"

#include <algorithm>
#include <utility>

namespace rsf::kubectl::transports {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_check = 15s;
constexpr auto longest_routine_check = 5s; // so that a cluster that answers nothing is seen soon
constexpr auto watched_for = 15s;          // by one why(); several times the pause between two
constexpr const char *not_known = "Whether the cluster can be reached is not known yet: the first check is under way.";
constexpr const char *no_answer = "The cluster did not answer in time.";

} // namespace

Reach::Reach(Ask ask, std::chrono::milliseconds routine)
    : ask_(std::move(ask)), routine_(routine), why_(not_known), suspicion_(no_answer) {
    const process::BlockedSignals blocked;
    thread_ = std::thread([this] { run(); });
}

Reach::~Reach() {
    {
        const shared::Lock lock(mutex_);
        stopping_ = true;
    }
    stop_.set();
    changed_.notify_all();
    thread_.join();
}

void Reach::tell() { told_ = Clock::now().time_since_epoch().count(); }

void Reach::note_answer() {
    tell();
    if (is_clear_) return;
    const shared::Lock lock(mutex_);
    why_.clear();
    suspicion_.clear();
    is_clear_ = true;
}

void Reach::note_refusal(const std::string &why) {
    tell();
    const shared::Lock lock(mutex_);
    why_ = why;
    suspicion_.clear();
    is_clear_ = false;
}

void Reach::note_silence(const std::string &why) {
    const shared::Lock lock(mutex_);
    if (!why_.empty() || !suspicion_.empty()) return;
    suspicion_ = why;
    is_clear_ = false;
    asks_ = true;
    changed_.notify_all();
}

std::string Reach::why() const {
    const shared::Lock lock(mutex_);
    const Clock::time_point now = Clock::now();
    const bool is_news = is_clear_ ? watched_until_ <= now : !checks_ && !std::exchange(asks_, true);
    watched_until_ = now + watched_for;
    if (is_news) changed_.notify_all();
    return why_;
}

// None: not before something changes.
std::optional<Reach::Clock::time_point> Reach::next_routine() const {
    if (!is_clear_ || watched_until_ <= Clock::now()) return std::nullopt;
    return std::max(checked_, Clock::time_point(Clock::duration(told_))) + routine_;
}

void Reach::run() {
    shared::Lock lock(mutex_);
    for (;;) {
        while (!asks_ && !stopping_) {
            const std::optional<Clock::time_point> next = next_routine();
            if (next && *next <= Clock::now()) break;
            if (next)
                changed_.wait_until(lock, *next);
            else
                changed_.wait(lock);
        }
        if (stopping_) return;
        const bool is_routine = !std::exchange(asks_, false);
        const Clock::time_point began = Clock::now();
        if (is_routine) {
            suspicion_ = no_answer;
            is_clear_ = false;
        }
        checks_ = true;
        lock.unlock();
        const Probe probe = ask_(stop_, is_routine ? longest_routine_check : longest_check);
        lock.lock();
        checks_ = false;
        checked_ = Clock::now();
        note(probe, began);
    }
}

// A call that was answered or refused since the check began tells more than the check does.
void Reach::note(const Probe &probe, Clock::time_point began) {
    if (Clock::time_point(Clock::duration(told_)) > began) return;
    switch (probe.how) {
    case Probe::How::answered:
        why_.clear();
        suspicion_.clear();
        break;
    case Probe::How::refused:
        why_ = probe.why;
        suspicion_.clear();
        break;
    case Probe::How::silent:
        if (!suspicion_.empty()) why_ = std::exchange(suspicion_, {});
        break;
    case Probe::How::not_done: break; // the next why() asks again
    }
    is_clear_ = why_.empty() && suspicion_.empty();
}

} // namespace rsf::kubectl::transports
