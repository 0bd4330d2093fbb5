// SPDX-License-Identifier: Apache-2.0
//
// How a thread calls a driver in its process: sends a request, serves the driver's own requests meanwhile, reads the answer.
#include "process/driver_process.hpp"

#include "drivers/abi/host_table.hpp"
#include "shared/failpoint.hpp"

#include <poll.h>

#include <functional>
#include <utility>

namespace rsf::process {

namespace {

// Calls are known to the host for as long as this lives.
class Conversation {
  public:
    Conversation(drivers::Host &host, std::span<const rsf_call *const> frames, std::span<const drivers::Call> calls)
        : host_(host), frames_(frames) {
        if (!frames.empty()) host.began(frames, calls);
    }
    Conversation(const Conversation &) = delete;
    Conversation &operator=(const Conversation &) = delete;
    ~Conversation() {
        if (!frames_.empty()) host_.ended(frames_);
    }

  private:
    drivers::Host &host_;
    const std::span<const rsf_call *const> frames_;
};

} // namespace

// Null, and why, when the process takes no more.
std::unique_ptr<DriverProcess::Channel> DriverProcess::take_channel(FrameSocket::Status &status) {
    std::uint64_t number = 0;
    {
        const shared::Lock lock(mutex_);
        if (!idle_.empty()) {
            std::unique_ptr<Channel> channel = std::move(idle_.back());
            idle_.pop_back();
            return channel;
        }
        number = ++channels_;
    }
    auto [own, given] = FrameSocket::make_pair();
    status = control_.send_with(given.get(), Kind::open, 0, {Clock::now() + abandon_after_, process_.pidfd()}, number);
    if (status != FrameSocket::Status::done) return nullptr;
    return std::unique_ptr<Channel>(new Channel{number, FrameSocket(std::move(own)), 0});
}

void DriverProcess::give_back(std::unique_ptr<Channel> channel) {
    const shared::Lock lock(mutex_);
    idle_.push_back(std::move(channel));
}

std::optional<DriverProcess::Lost> DriverProcess::converse_with(
    std::span<const drivers::Call> calls, std::string_view what, Clock::time_point time,
    const std::function<FrameSocket::Status(FrameSocket &, std::uint64_t, const FrameSocket::Until &)> &send,
    const std::function<bool(Frame &)> &read) {
    const FrameSocket::Until until{time, process_.pidfd()};
    FrameSocket::Status status = FrameSocket::Status::done;
    std::unique_ptr<Channel> channel = take_channel(status);
    if (!channel) return lost(status, what, true);
    // Stand-ins for the calls' frames, which are in the other process.
    std::vector<rsf_call> frames(calls.size());
    std::vector<const rsf_call *> pointers;
    for (const rsf_call &frame : frames) pointers.push_back(&frame);
    const Conversation conversation(*host_, pointers, calls);

    const std::uint64_t request = ++channel->request;
    bool reply = false;
    {
        // Calls that are made as one are cancelled as one. Never waits: it may be any thread that cancels.
        const std::stop_callback cancelled(calls.empty() ? std::stop_token() : calls.front().stop,
                                           [process = weak_from_this(), request, number = channel->number] {
                                               if (const auto self = process.lock())
                                                   self->control_.send(Kind::cancel, request, {Clock::time_point{}, -1}, number);
                                           });
        status = send(channel->socket, request, until);
        const std::shared_ptr<Share> memory = calls.empty() ? nullptr : calls.front().memory;
        const auto admit = [&memory](std::size_t bytes) { return !memory || bytes <= small_memory || memory->add(bytes); };
        RSF_FAILPOINT("process.call.sent");
        if (status == FrameSocket::Status::done) status = listen(*channel, pointers, until, admit, read, reply);
        RSF_FAILPOINT("process.call.answered");
    }
    // Once something came from it, what it did not read was an answer of the daemon, not the request.
    if (status != FrameSocket::Status::done) return lost(status, what, status == FrameSocket::Status::unread && !reply);
    give_back(std::move(channel));
    return std::nullopt;
}

// Serves the driver's requests until its answer comes.
FrameSocket::Status DriverProcess::listen(Channel &channel, std::span<const rsf_call *const> frames,
                                          const FrameSocket::Until &until, const FrameSocket::Admit &admit,
                                          const std::function<bool(Frame &)> &read, bool &reply) {
    for (;;) {
        Frame frame;
        if (const FrameSocket::Status status = channel.socket.receive(frame, until, admit); status != FrameSocket::Status::done)
            return status;
        reply = true;
        if (frame.kind == Kind::log) {
            LogLine line;
            if (!frame.read(line)) return FrameSocket::Status::malformed;
            const bool is_known = frame.request == channel.request && line.call < frames.size();
            host_->write(is_known ? frames[line.call] : nullptr, line.level, line.message);
            if (Clock::now() >= until.time) return FrameSocket::Status::late; // a flood has no end of its own
        } else if (frame.kind == Kind::progress) {
            Progress said;
            if (!frame.read(said)) return FrameSocket::Status::malformed;
            const bool is_known = frame.request == channel.request && said.call < frames.size();
            if (is_known) host_->progress(frames[said.call], said.line);
            if (Clock::now() >= until.time) return FrameSocket::Status::late;
        } else if (frame.request != channel.request) {
            return FrameSocket::Status::malformed;
        } else if (frame.kind == Kind::ask) {
            Asking asked;
            if (!frame.read(asked) || asked.during >= frames.size() || !host_->reaches_others())
                return FrameSocket::Status::malformed;
            if (refusal_of(asked.call))
                return FrameSocket::Status::malformed; // the host at the other end lets none of these through
            const drivers::RawAnswer raw = host_->ask(frames[asked.during], asked.other, std::move(asked.call));
            const FrameSocket::Status status = channel.socket.send(Kind::asked, channel.request, until, raw);
            if (status != FrameSocket::Status::done) return status;
        } else {
            return frame.kind == Kind::answer && read(frame) ? FrameSocket::Status::done : FrameSocket::Status::malformed;
        }
    }
}

// The end of a call that got no answer. Its process is ended too.
DriverProcess::Lost DriverProcess::lost(FrameSocket::Status how, std::string_view what, bool unread) {
    if (how == FrameSocket::Status::late) kill_because("did not return from " + std::string(what) + " in time");
    if (how == FrameSocket::Status::malformed) kill_because(to_string(how));
    if (how == FrameSocket::Status::closed || how == FrameSocket::Status::unread) expect_end();
    const Code code = how == FrameSocket::Status::late ? Code::timeout : Code::internal;
    return {error_of(code, end_in_words()), unread};
}

} // namespace rsf::process
