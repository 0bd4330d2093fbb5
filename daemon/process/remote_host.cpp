// SPDX-License-Identifier: Apache-2.0
#include "process/remote_host.hpp"

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
    CallChannel *channel = nullptr;
    std::uint64_t request = 0;
};
thread_local Serving serving;

} // namespace

std::stop_source CallChannel::begin(std::uint64_t request) {
    const shared::Lock lock(mutex_);
    request_ = request;
    stop_ = std::stop_source();
    if (cancelled_ == request) stop_.request_stop();
    serving.request = request;
    return stop_;
}

void CallChannel::cancel(std::uint64_t request) {
    std::stop_source stop(std::nostopstate);
    {
        const shared::Lock lock(mutex_);
        cancelled_ = request;
        if (request_ == request) stop = stop_;
    }
    stop.request_stop();
}

RemoteHost::RemoteHost(std::shared_ptr<FrameSocket> control, std::vector<std::string> secrets, bool reaches_others)
    : control_(std::move(control)), secrets_(std::move(secrets)), reaches_others_(reaches_others) {}

void RemoteHost::serve_on_this_thread(CallChannel &channel) { serving = {&channel, 0}; }

void RemoteHost::described(Described described) {
    const shared::Lock lock(mutex_);
    const auto found = describing_.find(described.number);
    if (found == describing_.end()) return;
    found->second.set_value(std::move(described.raw));
    describing_.erase(found);
}

void RemoteHost::began(std::span<const rsf_call *const> frames, std::span<const drivers::Call>) {
    const shared::Lock lock(mutex_);
    under_way_.reserve(under_way_.size() + frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
        under_way_.push_back({frames[i], serving.channel, serving.request, std::uint64_t{i}});
}

void RemoteHost::ended(std::span<const rsf_call *const> frames) {
    {
        const shared::Lock lock(mutex_);
        std::erase_if(under_way_, [&](const UnderWay &one) { return std::ranges::find(frames, one.frame) != frames.end(); });
    }
    const shared::Lock wait(serving.channel->asking);
}

RemoteHost::UnderWay RemoteHost::find(const rsf_call *frame) {
    const shared::Lock lock(mutex_);
    const auto found = std::ranges::find(under_way_, frame, &UnderWay::frame);
    return found == under_way_.end() ? UnderWay{} : *found;
}

drivers::RawAnswer RemoteHost::ask(const rsf_call *during, std::string_view other, drivers::Call call) {
    const UnderWay before = find(during);
    if (!before.frame) return drivers::call_is_over();
    const shared::Lock asking(before.channel->asking);
    const UnderWay now = find(during);
    if (now.channel != before.channel || now.request != before.request) return drivers::call_is_over();
    Frame frame;
    drivers::RawAnswer raw;
    if (now.channel->socket.send(Kind::ask, now.request, {}, Asking{now.index, std::string(other), std::move(call)}) !=
            FrameSocket::Status::done ||
        now.channel->socket.receive(frame, {}) != FrameSocket::Status::done || frame.kind != Kind::asked || !frame.read(raw))
        std::_Exit(ChildProcess::lost_daemon); // the daemon has ended
    return raw;
}

drivers::RawAnswer RemoteHost::describe(std::string_view other) {
    std::future<drivers::RawAnswer> answer;
    std::uint64_t number = 0;
    {
        const shared::Lock lock(mutex_);
        number = ++last_described_;
        answer = describing_[number].get_future();
    }
    control_->send(Kind::describe, 0, {}, Describing{number, std::string(other)});
    return answer.get();
}

void RemoteHost::write(const rsf_call *call, std::int32_t level, std::string_view message) {
    message = message.substr(0, longest_message);
    if (const UnderWay during = find(call); during.frame)
        during.channel->socket.send(Kind::log, during.request, {}, LogLine{during.index, level, std::string(message)});
    else
        control_->send(Kind::log, 0, {}, LogLine{LogLine::no_call, level, std::string(message)});
}

void RemoteHost::progress(const rsf_call *call, std::string_view line) {
    if (const UnderWay during = find(call); during.frame)
        during.channel->socket.send(Kind::progress, during.request, {},
                                    Progress{during.index, std::string(line.substr(0, longest_message))});
}

} // namespace rsf::process
