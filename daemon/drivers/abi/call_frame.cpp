// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/call_frame.hpp"

#include "drivers/abi/driver_values.hpp"

#include <algorithm>

namespace rsf::drivers {

namespace {

constexpr std::size_t kept_calls = 256;

std::int64_t monotonic_ns(std::chrono::steady_clock::time_point time) {
    const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    return std::max<std::int64_t>(since, 1); // the driver ABI promises: never 0
}

} // namespace

// steady_clock is CLOCK_MONOTONIC in libstdc++ on Linux.
CallFrame::CallFrame(const Call &given) : rsf_call{}, sink_(given.memory), stop_(given.stop) {
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
    operation = text(given.operation);
    step = given.step;
    expected_revision = text(given.expected_revision);
    began_ms = given.began_ms;
}

RawAnswer CallFrame::end() {
    over_ = true;
    return sink_.close();
}

int CallFrame::is_cancelled(const rsf_call *call) noexcept {
    const auto &self = *static_cast<const CallFrame *>(call);
    return self.over_ || self.stop_.stop_requested() || monotonic_ns(std::chrono::steady_clock::now()) >= self.deadline_ns;
}

BatchFrame::BatchFrame(const std::vector<Call> &calls) : rsf_batch_sink{sizeof(rsf_batch_sink), 0, take_result, take_failure} {
    frames_.reserve(calls.size());
    calls_.reserve(calls.size());
    for (const Call &call : calls) calls_.push_back(frames_.emplace_back(std::make_unique<CallFrame>(call)).get());
}

std::vector<RawAnswer> BatchFrame::end() {
    std::vector<RawAnswer> raw;
    raw.reserve(frames_.size());
    for (const std::unique_ptr<CallFrame> &frame : frames_) raw.push_back(frame->end());
    return raw;
}

rsf_sink *BatchFrame::find(std::size_t index) {
    if (index < frames_.size()) return frames_[index]->sink();
    beyond_ = true;
    return nullptr;
}

void BatchFrame::take_result(rsf_batch_sink *sink, std::size_t index, const rsf_result *result) noexcept {
    if (rsf_sink *one = static_cast<BatchFrame *>(sink)->find(index)) one->succeed(one, result);
}

void BatchFrame::take_failure(rsf_batch_sink *sink, std::size_t index, const rsf_failure *failure) noexcept {
    if (rsf_sink *one = static_cast<BatchFrame *>(sink)->find(index)) one->fail(one, failure);
}

void FinishedFrames::add(std::shared_ptr<const void> frame, std::size_t calls) {
    std::vector<Kept> oldest; // freed after the lock
    const shared::Lock lock(mutex_);
    frames_.push_back({std::move(frame), calls});
    calls_ += calls;
    while (calls_ > kept_calls && frames_.size() > 1) {
        calls_ -= frames_.front().calls;
        oldest.push_back(std::move(frames_.front()));
        frames_.pop_front();
    }
}

} // namespace rsf::drivers
