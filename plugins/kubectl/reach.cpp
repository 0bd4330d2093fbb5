// SPDX-License-Identifier: Apache-2.0
#include "reach.hpp"

#include "blocked_signals.hpp"

#include <utility>

namespace rsf::kubectl {

Reach::Reach(Ask ask) : ask_(std::move(ask)) {
    const BlockedSignals blocked;
    thread_ = std::thread([this] { run(); });
}

Reach::~Reach() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Reach::note_answer() {
    if (is_clear_) return;
    const std::lock_guard lock(mutex_);
    why_.clear();
    suspicion_.clear();
    is_clear_ = true;
}

void Reach::note_refusal(const std::string &why) {
    const std::lock_guard lock(mutex_);
    why_ = why;
    suspicion_.clear();
    is_clear_ = false;
}

void Reach::note_silence(const std::string &why) {
    const std::lock_guard lock(mutex_);
    if (!why_.empty() || !suspicion_.empty()) return;
    suspicion_ = why;
    is_clear_ = false;
    asks_ = true;
    changed_.notify_all();
}

std::string Reach::why() const {
    if (is_clear_) return {};
    const std::lock_guard lock(mutex_);
    const bool is_open = !why_.empty() || !suspicion_.empty();
    if (is_open && !std::exchange(asks_, true)) changed_.notify_all();
    return why_;
}

void Reach::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return asks_ || stopping_; });
        if (stopping_) return;
        lock.unlock();
        const Look look = ask_([this] {
            const std::lock_guard stop_lock(mutex_);
            return stopping_;
        });
        note(look);
        lock.lock();
        asks_ = false;
    }
}

void Reach::note(const Look &look) {
    switch (look.how) {
    case Look::How::answered: return note_answer();
    case Look::How::refused: return note_refusal(look.why);
    case Look::How::not_done: return;
    case Look::How::silent: break;
    }
    const std::lock_guard lock(mutex_);
    if (!suspicion_.empty()) why_ = std::exchange(suspicion_, {}); // unless a call was answered meanwhile
}

} // namespace rsf::kubectl
