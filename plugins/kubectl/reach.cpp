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

void Reach::note(const std::string &why) {
    const std::lock_guard lock(mutex_);
    why_ = why;
}

std::string Reach::why() const {
    const std::lock_guard lock(mutex_);
    if (!why_.empty() && !std::exchange(asks_, true)) changed_.notify_all();
    return why_;
}

void Reach::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return asks_ || stopping_; });
        if (stopping_) return;
        lock.unlock();
        ask_([this] {
            const std::lock_guard stop_lock(mutex_);
            return stopping_;
        });
        lock.lock();
        asks_ = false;
    }
}

} // namespace rsf::kubectl
