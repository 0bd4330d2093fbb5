// SPDX-License-Identifier: Apache-2.0
//
// What threads that call a driver do with its life: a request, what the driver asks meanwhile, the answer.
#include "process/life.hpp"

#include "drivers/host_table.hpp"

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
std::unique_ptr<Life::Channel> Life::take_channel(Line::Status &status) {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            std::unique_ptr<Channel> channel = std::move(idle_.back());
            idle_.pop_back();
            return channel;
        }
        number = ++channels_;
    }
    auto [own, given] = Line::make_pair();
    status = control_.send_with(given.get(), Kind::open, 0, {Clock::now() + patience_, process_.pidfd()}, number);
    if (status != Line::Status::done) return nullptr;
    return std::unique_ptr<Channel>(new Channel{number, Line(std::move(own)), 0});
}

void Life::give_back(std::unique_ptr<Channel> channel) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(channel));
}

std::optional<Life::Lost> Life::converse_with(std::span<const drivers::Call> calls, std::string_view what, Clock::time_point time,
                                              const std::function<Line::Status(Line &, std::uint64_t, const Line::Until &)> &send,
                                              const std::function<bool(Frame &)> &read) {
    const Line::Until until{time, process_.pidfd()};
    Line::Status status = Line::Status::done;
    std::unique_ptr<Channel> channel = take_channel(status);
    if (!channel) return lost(status, what, true);
    // What stands for the calls' frames, which are in the other process.
    std::vector<rsf_call> frames(calls.size());
    std::vector<const rsf_call *> pointers;
    for (const rsf_call &frame : frames) pointers.push_back(&frame);
    const Conversation conversation(*host_, pointers, calls);

    const std::uint64_t request = ++channel->request;
    bool heard = false;
    {
        // Calls that are made as one are cancelled as one. Never waits: it may be any thread that cancels.
        const std::stop_callback cancelled(calls.empty() ? std::stop_token() : calls.front().stop,
                                           [life = weak_from_this(), request, number = channel->number] {
                                               if (const auto self = life.lock())
                                                   self->control_.send(Kind::cancel, request, {Clock::time_point{}, -1}, number);
                                           });
        status = send(channel->line, request, until);
        const std::shared_ptr<Share> memory = calls.empty() ? nullptr : calls.front().memory;
        const auto admit = [&memory](std::size_t bytes) { return !memory || bytes <= small_memory || memory->add(bytes); };
        if (status == Line::Status::done) status = listen(*channel, pointers, until, admit, read, heard);
    }
    // Once it was heard of, what it never read was an answer of the daemon's, not the request.
    if (status != Line::Status::done) return lost(status, what, status == Line::Status::unheard && !heard);
    give_back(std::move(channel));
    return std::nullopt;
}

// Until the answer: does what the driver asks for meanwhile.
Line::Status Life::listen(Channel &channel, std::span<const rsf_call *const> frames, const Line::Until &until,
                          const Line::Admit &admit, const std::function<bool(Frame &)> &read, bool &heard) {
    for (;;) {
        Frame frame;
        if (const Line::Status status = channel.line.receive(frame, until, admit); status != Line::Status::done) return status;
        heard = true;
        if (frame.kind == Kind::log) {
            LogLine line;
            if (!frame.read(line)) return Line::Status::nonsense;
            const bool is_known = frame.request == channel.request && line.call < frames.size();
            host_->write(is_known ? frames[line.call] : nullptr, line.level, line.message);
            if (Clock::now() >= until.time) return Line::Status::late; // a flood has no end of its own
        } else if (frame.request != channel.request) {
            return Line::Status::nonsense;
        } else if (frame.kind == Kind::ask) {
            Asking asked;
            if (!frame.read(asked) || asked.during >= frames.size() || !host_->reaches_others()) return Line::Status::nonsense;
            if (refusal_of(asked.call)) return Line::Status::nonsense; // the host at the other end lets none of these through
            const drivers::Said said = host_->ask(frames[asked.during], asked.other, std::move(asked.call));
            const Line::Status status = channel.line.send(Kind::asked, channel.request, until, said);
            if (status != Line::Status::done) return status;
        } else {
            return frame.kind == Kind::answer && read(frame) ? Line::Status::done : Line::Status::nonsense;
        }
    }
}

// What a call that got no answer ends with. Its process does not outlive it.
Life::Lost Life::lost(Line::Status how, std::string_view what, bool unheard) {
    if (how == Line::Status::late) ruin("did not return from " + std::string(what) + " in time");
    if (how == Line::Status::nonsense) ruin(to_string(how));
    if (how == Line::Status::closed || how == Line::Status::unheard) see_end();
    const Code code = how == Line::Status::late ? Code::timeout : Code::internal;
    return {{code, end_in_words(), drivers::Failure::Retry::unknown, {}, nullptr}, unheard};
}

} // namespace rsf::process
