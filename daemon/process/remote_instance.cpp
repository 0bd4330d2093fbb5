// SPDX-License-Identifier: Apache-2.0
#include "process/remote_instance.hpp"

#include "base/text.hpp"

#include <resourcifier/extensions.h>

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace rsf::process {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_pause{100}; // before the second attempt; the first is made at once
constexpr milliseconds longest_pause{30'000};
constexpr seconds long_life{10};    // after one of this length, the next attempt is a first one
constexpr int attempts = 3;         // at a request that processes end before reading
constexpr seconds worth_waiting{1}; // a call waits for a process that is started again within this

milliseconds next_pause(milliseconds last) { return std::clamp(2 * last, first_pause, longest_pause); }

bool is_write(drivers::Verb verb) { return verb != drivers::Verb::list && verb != drivers::Verb::get; }

} // namespace

RemoteInstance::RemoteInstance(Birth birth, Creation creation, milliseconds timeout, std::shared_ptr<drivers::Host> host)
    : birth_(std::move(birth)), creation_(std::move(creation)), timeout_(timeout), host_(std::move(host)),
      hurry_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    birth_.hurry = hurry_.get();
}

Result<std::unique_ptr<RemoteInstance>> RemoteInstance::create(Birth birth, Creation creation, milliseconds timeout,
                                                               std::shared_ptr<drivers::Host> host) {
    std::unique_ptr<RemoteInstance> self(new RemoteInstance(std::move(birth), std::move(creation), timeout, std::move(host)));
    self->supervisor_ = std::thread([raw = self.get()] { raw->supervise(); });
    {
        std::unique_lock lock(self->mutex_);
        self->changed_.wait(lock, [&] { return self->running_.life || self->impossible_; });
        if (self->impossible_) return *self->impossible_;
    }
    return self;
}

RemoteInstance::~RemoteInstance() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    ::eventfd_write(hurry_.get(), 1);
    if (supervisor_.joinable()) supervisor_.join();
}

void RemoteInstance::supervise() {
    milliseconds pause{0};
    for (;;) {
        const Clock::time_point began = Clock::now();
        const Result<std::shared_ptr<Life>> begun = begin_life();
        if (begun) {
            note(begun, {});
            if ((*begun)->attend()) {
                note(Error{Code::unavailable, "is going down", {}, {}}, Clock::time_point::max());
                return (*begun)->end();
            }
        } else if (!offered_) {
            return note(begun, {});
        }
        const std::string why = begun ? (*begun)->end_in_words() : begun.error().message;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        pause = Clock::now() - began >= long_life ? milliseconds{0} : pause;
        note(Error{Code::unavailable, why, {}, {}}, Clock::now() + pause);
        host_->write_about(RSF_LOG_ERROR, who_ + " " + why + "; it is started again " +
                                              (pause.count() == 0 ? "at once" : "in " + std::to_string(pause.count()) + " ms"));
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, pause, [&] { return stopping_; })) return;
        pause = next_pause(pause);
        if (birth_.restarting) birth_.restarting();
    }
}

// The first time, what it says of itself is taken over; it must say the same ever after.
Result<std::shared_ptr<Life>> RemoteInstance::begin_life() {
    Result<std::shared_ptr<Life>> life = Life::begin(birth_, host_);
    if (!life) return life;
    Result<drivers::Offered> offered = (*life)->create(creation_);
    if (!offered) {
        (*life)->end();
        return offered.error();
    }
    if (!offered_) {
        who_ = "driver '" + (*life)->descriptor().name + "' of target '" + birth_.target + "'";
        if (birth_.limits.memory != 0)
            host_->write_about(RSF_LOG_INFO, "the limit of memory for the process of " + who_ + " does not count shared memory");
        offered_ = std::move(*offered);
    } else if (offered->names != offered_->names || offered->batch_limit != offered_->batch_limit ||
               offered->secret != offered_->secret) {
        (*life)->end();
        return Error{Code::internal, "offers other abilities than when it was first started", {}, {}};
    }
    return life;
}

void RemoteInstance::note(const Result<std::shared_ptr<Life>> &begun, Clock::time_point again) {
    std::shared_ptr<Life> before; // let go after the lock
    {
        const std::lock_guard lock(mutex_);
        before = std::move(running_.life);
        running_ = {begun ? *begun : nullptr, again, begun ? "" : begun.error().message, running_.lives + begun.has_value()};
        if (!begun && !offered_) impossible_ = begun.error();
    }
    changed_.notify_all();
}

drivers::Failure RemoteInstance::failure(Code code, const std::string &what) const {
    return {code, who_ + " " + what, drivers::Failure::Retry::unknown, {}, nullptr};
}

drivers::Heard<RemoteInstance::Running> RemoteInstance::running(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    const auto is_up = [&] { return running_.life && !running_.life->is_over(); };
    const auto is_down = [&] { return !running_.life && running_.again > Clock::now() + worth_waiting; };
    changed_.wait_until(lock, until, [&] { return is_up() || is_down(); });
    if (is_up()) return running_;
    drivers::Failure down = failure(Code::unavailable, running_.why + "; it is being started again");
    down.retry = drivers::Failure::Retry::later;
    down.retry_after =
        std::clamp(std::chrono::ceil<milliseconds>(running_.again - Clock::now()), milliseconds(1000), longest_pause);
    return down;
}

template <class T, class... Sent>
drivers::Heard<T> RemoteInstance::converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                           Clock::time_point deadline, const Sent &...sent) {
    Running with;
    return converse_somewhere<T>(with, kind, calls, what, deadline, sent...);
}

template <class T, class... Sent>
drivers::Heard<T> RemoteInstance::converse_somewhere(Running &with, Kind kind, std::span<const drivers::Call> calls,
                                                     std::string_view what, Clock::time_point deadline, const Sent &...sent) {
    for (int attempt = 1;; ++attempt) {
        const drivers::Heard<Running> found = running(deadline);
        if (!found) return found.error();
        with = *found;
        bool unheard = false;
        drivers::Heard<T> heard = converse<T>(with, kind, calls, what, deadline, unheard, sent...);
        // What a process never read, since it ended just then, is for the next one.
        if (!unheard || attempt == attempts) return heard;
    }
}

template <class T, class... Sent>
drivers::Heard<T> RemoteInstance::converse(const Running &with, Kind kind, std::span<const drivers::Call> calls,
                                           std::string_view what, Clock::time_point deadline, bool &unheard,
                                           const Sent &...sent) {
    T heard{};
    std::optional<Life::Lost> lost = with.life->converse(kind, calls, what, deadline, heard, sent...);
    if (!lost) return heard;
    unheard = lost->unheard;
    drivers::Failure &failure = lost->failure;
    failure.message = who_ + " " + failure.message + ", and this " + std::string(what) + " was lost";
    const bool may_have_written =
        (kind == Kind::perform || kind == Kind::perform_all) && is_write(calls.front().verb) && !unheard;
    if (may_have_written) failure.message += "; whether it took effect is not known";
    return std::move(failure);
}

drivers::Heard<drivers::Said> RemoteInstance::perform(const drivers::Call &call) {
    return converse<drivers::Said>(Kind::perform, {&call, 1}, to_string(call.verb), call.deadline, call);
}

drivers::Heard<std::vector<drivers::Said>> RemoteInstance::perform_all(const std::vector<drivers::Call> &calls) {
    const drivers::Call &first = calls.front();
    auto heard = converse<std::vector<drivers::Said>>(Kind::perform_all, calls, to_string(first.verb), first.deadline, calls);
    if (heard && heard->size() != calls.size())
        return failure(Code::internal, "answered " + std::to_string(heard->size()) + " of " + std::to_string(calls.size()) +
                                           " calls that were made as one");
    return heard;
}

drivers::Heard<drivers::Orderings> RemoteInstance::order(std::string_view ns, const std::vector<drivers::Orderable> &resources) {
    auto heard = converse<drivers::Orderings>(Kind::order, {}, "order", Clock::now() + timeout_, ns, resources);
    if (!heard) return heard;
    for (drivers::Before &edge : heard->edges) {
        if (edge.first >= resources.size() || edge.then >= resources.size() || edge.first == edge.then)
            heard->fault = "its process passed on an ordering of what is not there";
        edge.why = printable(edge.why);
    }
    return heard;
}

pid_t RemoteInstance::process() {
    const std::lock_guard lock(mutex_);
    return running_.life ? running_.life->process() : 0;
}

// Whoever asks how it is does not wait for its start.
std::optional<std::string> RemoteInstance::down() {
    const drivers::Heard<Running> now = running(Clock::now());
    return now ? std::nullopt : std::optional(now.error().message);
}

drivers::Heard<drivers::Said> RemoteInstance::health() {
    if (const drivers::Heard<Running> now = running(Clock::now()); !now) return now.error();
    return converse<drivers::Said>(Kind::health, {}, "health", Clock::now() + timeout_);
}

// Another life has other plans: a plan's number says in its upper half which life it belongs to.
drivers::Heard<drivers::Begun> RemoteInstance::begin_plan(drivers::Verb verb, std::string_view ns,
                                                          const std::vector<drivers::Orderable> &resources) {
    Running with;
    drivers::Heard<drivers::Begun> begun =
        converse_somewhere<drivers::Begun>(with, Kind::begin_plan, {}, "plan", Clock::now() + timeout_, verb, ns, resources);
    if (begun && begun->planning >> 32 != 0) return failure(Code::internal, "began a plan with an impossible number");
    if (begun && begun->planning != 0) begun->planning |= with.lives << 32;
    return begun;
}

drivers::Heard<RemoteInstance::Running> RemoteInstance::running_with(std::uint64_t planning) {
    const std::lock_guard lock(mutex_);
    const bool is_lost = !running_.life || running_.life->is_over() || running_.lives != planning >> 32;
    if (is_lost) return failure(Code::internal, "ended its process, and the plan was lost");
    return running_;
}

drivers::Heard<drivers::Said> RemoteInstance::step_plan(std::uint64_t planning, std::size_t resource, const drivers::Call &call,
                                                        std::string_view unknown) {
    const drivers::Heard<Running> with = running_with(planning);
    if (!with) return with.error();
    bool unheard = false;
    return converse<drivers::Said>(*with, Kind::step_plan, {&call, 1}, "plan", call.deadline, unheard, planning & 0xFFFF'FFFF,
                                   std::uint64_t{resource}, call, unknown);
}

drivers::Heard<std::string> RemoteInstance::end_plan(std::uint64_t planning) {
    const drivers::Heard<Running> with = running_with(planning);
    if (!with) return with.error();
    bool unheard = false;
    return converse<std::string>(*with, Kind::end_plan, {}, "plan", Clock::now() + timeout_, unheard, planning & 0xFFFF'FFFF);
}

} // namespace rsf::process
