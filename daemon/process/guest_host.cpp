// SPDX-License-Identifier: Apache-2.0
#include "process/guest_host.hpp"

#include "drivers/answer.hpp"
#include "process/child_process.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace rsf::process {

namespace {

constexpr std::size_t longest_message = 16 * 1024; // more of a line is not sent: the daemon writes a quarter of it

// The channel whose requests this thread answers, and the request.
struct Serving {
    GuestChannel *channel = nullptr;
    std::uint64_t request = 0;
};
thread_local Serving serving;

} // namespace

std::stop_source GuestChannel::begin(std::uint64_t request) {
    const std::lock_guard lock(mutex_);
    request_ = request;
    stop_ = std::stop_source();
    if (cancelled_ == request) stop_.request_stop();
    serving.request = request;
    return stop_;
}

void GuestChannel::cancel(std::uint64_t request) {
    std::stop_source stop(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        cancelled_ = request;
        if (request_ == request) stop = stop_;
    }
    stop.request_stop();
}

GuestHost::GuestHost(std::shared_ptr<Line> control, std::vector<std::string> secrets, bool reaches_others)
    : control_(std::move(control)), secrets_(std::move(secrets)), reaches_others_(reaches_others) {}

void GuestHost::serve_on_this_thread(GuestChannel &channel) { serving = {&channel, 0}; }

void GuestHost::described(Described described) {
    const std::lock_guard lock(mutex_);
    const auto found = describing_.find(described.number);
    if (found == describing_.end()) return;
    found->second.set_value(std::move(described.said));
    describing_.erase(found);
}

void GuestHost::began(std::span<const rsf_call *const> frames, std::span<const drivers::Call>) {
    const std::lock_guard lock(mutex_);
    under_way_.reserve(under_way_.size() + frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
        under_way_.push_back({frames[i], serving.channel, serving.request, std::uint64_t{i}});
}

void GuestHost::ended(std::span<const rsf_call *const> frames) {
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(under_way_, [&](const UnderWay &one) { return std::ranges::find(frames, one.frame) != frames.end(); });
    }
    const std::lock_guard wait(serving.channel->asking);
}

GuestHost::UnderWay GuestHost::find(const rsf_call *frame) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(under_way_, frame, &UnderWay::frame);
    return found == under_way_.end() ? UnderWay{} : *found;
}

drivers::Said GuestHost::ask(const rsf_call *during, std::string_view other, drivers::Call call) {
    const UnderWay before = find(during);
    if (!before.frame) return drivers::call_is_over();
    const std::lock_guard asking(before.channel->asking);
    const UnderWay now = find(during);
    if (now.channel != before.channel || now.request != before.request) return drivers::call_is_over();
    Frame frame;
    drivers::Said said;
    if (now.channel->line.send(Kind::ask, now.request, {}, Asking{now.index, std::string(other), std::move(call)}) !=
            Line::Status::done ||
        now.channel->line.receive(frame, {}) != Line::Status::done || frame.kind != Kind::asked || !frame.read(said))
        std::_Exit(ChildProcess::left_alone); // the daemon is gone
    return said;
}

drivers::Said GuestHost::describe(std::string_view other) {
    std::future<drivers::Said> answer;
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++last_described_;
        answer = describing_[number].get_future();
    }
    control_->send(Kind::describe, 0, {}, Describing{number, std::string(other)});
    return answer.get();
}

void GuestHost::write(const rsf_call *call, std::int32_t level, std::string_view message) {
    message = message.substr(0, longest_message);
    if (const UnderWay during = find(call); during.frame)
        during.channel->line.send(Kind::log, during.request, {}, LogLine{during.index, level, std::string(message)});
    else
        control_->send(Kind::log, 0, {}, LogLine{LogLine::no_call, level, std::string(message)});
}

} // namespace rsf::process
