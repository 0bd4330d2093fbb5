// SPDX-License-Identifier: Apache-2.0
#include "drivers/call_frame.hpp"

#include "drivers/driver_values.hpp"

#include <algorithm>

namespace rsf::daemon {

namespace {

constexpr std::size_t kept_frames = 256;

std::int64_t monotonic_ns(std::chrono::steady_clock::time_point time) {
    const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    return std::max<std::int64_t>(since, 1); // the driver ABI promises: never 0
}

} // namespace

// steady_clock is CLOCK_MONOTONIC in libstdc++ on Linux.
CallFrame::CallFrame(const Call &given) : rsf_call{}, stop_(given.stop) {
    size = sizeof(rsf_call);
    verb = static_cast<std::uint32_t>(given.verb);
    if (given.all_namespaces) flags |= RSF_CALL_ALL_NAMESPACES;
    if (given.dry_run) flags |= RSF_CALL_DRY_RUN;
    deadline_ns = monotonic_ns(given.deadline);
    type = text(given.type);
    name = text(given.name);
    ns = text(given.ns);
    label_selector = text(given.label_selector);
    field_selector = text(given.field_selector);
    object = text(given.object);
    request_id = text(given.request_id);
    cancelled = is_cancelled;
}

Said CallFrame::end() {
    over_ = true;
    return sink_.close();
}

int CallFrame::is_cancelled(const rsf_call *call) noexcept {
    const auto &self = *static_cast<const CallFrame *>(call);
    return self.over_ || self.stop_.stop_requested() || monotonic_ns(std::chrono::steady_clock::now()) >= self.deadline_ns;
}

void FrameRest::add(std::unique_ptr<CallFrame> frame) {
    std::unique_ptr<CallFrame> oldest; // freed after the lock
    const std::lock_guard lock(mutex_);
    frames_.push_back(std::move(frame));
    if (frames_.size() <= kept_frames) return;
    oldest = std::move(frames_.front());
    frames_.pop_front();
}

} // namespace rsf::daemon
