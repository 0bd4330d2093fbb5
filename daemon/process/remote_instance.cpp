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

RemoteInstance::RemoteInstance(ProcessOptions options, Creation creation, milliseconds timeout,
                               std::shared_ptr<drivers::Host> host)
    : options_(std::move(options)), creation_(std::move(creation)), timeout_(timeout), host_(std::move(host)),
      stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    options_.stop_fd = stop_fd_.get();
}

Result<std::unique_ptr<RemoteInstance>> RemoteInstance::create(ProcessOptions options, Creation creation, milliseconds timeout,
                                                               std::shared_ptr<drivers::Host> host) {
    std::unique_ptr<RemoteInstance> self(new RemoteInstance(std::move(options), std::move(creation), timeout, std::move(host)));
    self->supervisor_ = std::thread([raw = self.get()] { raw->supervise(); });
    {
        shared::Lock lock(self->mutex_);
        self->changed_.wait(lock, [&]() REQUIRES(self->mutex_) { return self->running_.process || self->impossible_; });
        if (self->impossible_) return *self->impossible_;
    }
    return self;
}

RemoteInstance::~RemoteInstance() {
    {
        const shared::Lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    ::eventfd_write(stop_fd_.get(), 1);
    if (supervisor_.joinable()) supervisor_.join();
}

void RemoteInstance::supervise() {
    milliseconds pause{0};
    for (;;) {
        const Clock::time_point began = Clock::now();
        const Result<std::shared_ptr<DriverProcess>> begun = start_process();
        if (begun) {
            note(begun, {});
            if ((*begun)->attend()) {
                note(unavailable("is going down"), Clock::time_point::max());
                return (*begun)->end();
            }
        } else if (!offered_) {
            return note(begun, {});
        }
        const std::string why = begun ? (*begun)->end_in_words() : begun.error().message;
        bool restarts = true;
        {
            const shared::Lock lock(mutex_);
            if (stopping_) return;
            restarts = restarts_;
        }
        if (!restarts) return note_last_end(why);
        pause = Clock::now() - began >= long_life ? milliseconds{0} : pause;
        note(unavailable(why), Clock::now() + pause);
        host_->write_about(RSF_LOG_ERROR, who_ + " " + why + "; it is started again " +
                                              (pause.count() == 0 ? "at once" : "in " + std::to_string(pause.count()) + " ms"));
        {
            shared::Lock lock(mutex_);
            changed_.wait_for(lock, pause, [&]() REQUIRES(mutex_) { return stopping_ || !restarts_; });
            if (stopping_) return;
            restarts = restarts_;
        }
        if (!restarts) return note_last_end(why);
        pause = next_pause(pause);
        if (options_.restarting) options_.restarting();
    }
}

void RemoteInstance::note_last_end(const std::string &why) {
    note(unavailable(why), Clock::time_point::max());
    host_->write_about(RSF_LOG_WARNING, who_ + " " + why + "; it is not started again, since the daemon goes down");
}

// The descriptor and abilities of the first process are kept; later ones must report the same.
Result<std::shared_ptr<DriverProcess>> RemoteInstance::start_process() {
    Result<std::shared_ptr<DriverProcess>> process = DriverProcess::start(options_, host_);
    if (!process) return process;
    Result<drivers::Offered> offered = (*process)->create(creation_);
    if (!offered) {
        (*process)->end();
        return offered.error();
    }
    if (!offered_) {
        who_ = "driver '" + (*process)->descriptor().name + "' of target '" + options_.target + "'";
        if (options_.limits.memory != 0)
            host_->write_about(RSF_LOG_INFO, "the limit of memory for the process of " + who_ + " does not count shared memory");
        offered_ = std::move(*offered);
    } else if (offered->names != offered_->names || offered->batch_limit != offered_->batch_limit ||
               offered->secret != offered_->secret) {
        (*process)->end();
        return internal("offers other abilities than when it was first started");
    }
    return process;
}

void RemoteInstance::note(const Result<std::shared_ptr<DriverProcess>> &begun, Clock::time_point again) {
    std::shared_ptr<DriverProcess> before; // released after the lock
    {
        const shared::Lock lock(mutex_);
        before = std::move(running_.process);
        running_ = {begun ? *begun : nullptr, again, begun ? "" : begun.error().message, running_.starts + begun.has_value()};
        if (!begun && !offered_) impossible_ = begun.error();
    }
    changed_.notify_all();
}

drivers::Failure RemoteInstance::failure(Code code, const std::string &what) const { return error_of(code, who_ + " " + what); }

drivers::Reply<RemoteInstance::Running> RemoteInstance::running(Clock::time_point until) {
    shared::Lock lock(mutex_);
    const auto is_up = [&]() REQUIRES(mutex_) { return running_.process && !running_.process->is_over(); };
    const auto is_down = [&]() REQUIRES(mutex_) { return !running_.process && running_.again > Clock::now() + worth_waiting; };
    changed_.wait_until(lock, until, [&]() REQUIRES(mutex_) { return is_up() || is_down(); });
    if (is_up()) return running_;
    const bool comes_back = running_.again != Clock::time_point::max();
    drivers::Failure down =
        failure(Code::unavailable, running_.why + (comes_back ? "; it is being started again" : "; it is not started again"));
    down.retry = drivers::Failure::Retry::later;
    down.retry_after =
        std::clamp(std::chrono::ceil<milliseconds>(running_.again - Clock::now()), milliseconds(1000), longest_pause);
    return down;
}

template <class T, class... Sent>
drivers::Reply<T> RemoteInstance::converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                           Clock::time_point deadline, const Sent &...sent) {
    Running with;
    return converse_somewhere<T>(with, kind, calls, what, deadline, sent...);
}

template <class T, class... Sent>
drivers::Reply<T> RemoteInstance::converse_somewhere(Running &with, Kind kind, std::span<const drivers::Call> calls,
                                                     std::string_view what, Clock::time_point deadline, const Sent &...sent) {
    for (int attempt = 1;; ++attempt) {
        const drivers::Reply<Running> found = running(deadline);
        if (!found) return found.error();
        with = *found;
        bool unread = false;
        drivers::Reply<T> reply = converse<T>(with, kind, calls, what, deadline, unread, sent...);
        // A request that the process did not read before it ended is sent to the next one.
        if (!unread || attempt == attempts) return reply;
    }
}

template <class T, class... Sent>
drivers::Reply<T> RemoteInstance::converse(const Running &with, Kind kind, std::span<const drivers::Call> calls,
                                           std::string_view what, Clock::time_point deadline, bool &unread, const Sent &...sent) {
    T reply{};
    std::optional<DriverProcess::Lost> lost = with.process->converse(kind, calls, what, deadline, reply, sent...);
    if (!lost) return reply;
    unread = lost->unread;
    drivers::Failure &failure = lost->failure;
    failure.message = who_ + " " + failure.message + ", and this " + std::string(what) + " was lost";
    const bool may_have_written = (kind == Kind::perform || kind == Kind::perform_all) && is_write(calls.front().verb) && !unread;
    if (may_have_written) failure.message += "; whether it took effect is not known";
    failure.effect = may_have_written ? drivers::Failure::Effect::unknown : drivers::Failure::Effect::known;
    return std::move(failure);
}

drivers::Reply<drivers::RawAnswer> RemoteInstance::perform(const drivers::Call &call) {
    return converse<drivers::RawAnswer>(Kind::perform, {&call, 1}, to_string(call.verb), call.deadline, call);
}

drivers::Reply<std::vector<drivers::RawAnswer>> RemoteInstance::perform_all(const std::vector<drivers::Call> &calls) {
    const drivers::Call &first = calls.front();
    auto reply =
        converse<std::vector<drivers::RawAnswer>>(Kind::perform_all, calls, to_string(first.verb), first.deadline, calls);
    if (reply && reply->size() != calls.size())
        return failure(Code::internal, "answered " + std::to_string(reply->size()) + " of " + std::to_string(calls.size()) +
                                           " calls that were made as one");
    return reply;
}

drivers::Reply<drivers::Orderings> RemoteInstance::order(std::string_view ns, const std::vector<drivers::Orderable> &resources) {
    auto reply = converse<drivers::Orderings>(Kind::order, {}, "order", Clock::now() + timeout_, ns, resources);
    if (!reply) return reply;
    for (drivers::Before &edge : reply->edges) {
        if (edge.first >= resources.size() || edge.then >= resources.size() || edge.first == edge.then)
            reply->fault = "its process passed on an ordering of what is not there";
        edge.why = printable(edge.why);
    }
    return reply;
}

pid_t RemoteInstance::process() {
    const shared::Lock lock(mutex_);
    return running_.process ? running_.process->pid() : 0;
}

void RemoteInstance::stop_restarting() {
    {
        const shared::Lock lock(mutex_);
        restarts_ = false;
    }
    changed_.notify_all();
}

// A question for its health does not wait for a start.
std::optional<std::string> RemoteInstance::down() {
    const drivers::Reply<Running> now = running(Clock::now());
    return now ? std::nullopt : std::optional(now.error().message);
}

drivers::Reply<drivers::RawAnswer> RemoteInstance::health() {
    if (const drivers::Reply<Running> now = running(Clock::now()); !now) return now.error();
    return converse<drivers::RawAnswer>(Kind::health, {}, "health", Clock::now() + timeout_);
}

drivers::Reply<drivers::RawAnswer> RemoteInstance::settle(const drivers::Call &call) {
    return converse<drivers::RawAnswer>(Kind::settle, {&call, 1}, "settle", call.deadline, call);
}

drivers::Reply<drivers::RawAnswer> RemoteInstance::kind(const drivers::Call &call) {
    return converse<drivers::RawAnswer>(Kind::name_kind, {&call, 1}, "kind", call.deadline, call);
}

// A plan is lost with its process: the upper half of a plan's number says which start of the process it belongs to.
drivers::Reply<drivers::Begun> RemoteInstance::begin_plan(drivers::Verb verb, std::string_view ns,
                                                          const std::vector<drivers::Orderable> &resources) {
    Running with;
    drivers::Reply<drivers::Begun> begun =
        converse_somewhere<drivers::Begun>(with, Kind::begin_plan, {}, "plan", Clock::now() + timeout_, verb, ns, resources);
    if (begun && begun->planning >> 32 != 0) return failure(Code::internal, "began a plan with an impossible number");
    if (begun && begun->planning != 0) begun->planning |= with.starts << 32;
    return begun;
}

drivers::Reply<RemoteInstance::Running> RemoteInstance::running_with(std::uint64_t planning) {
    const shared::Lock lock(mutex_);
    const bool is_lost = !running_.process || running_.process->is_over() || running_.starts != planning >> 32;
    if (is_lost) return failure(Code::internal, "ended its process, and the plan was lost");
    return running_;
}

drivers::Reply<drivers::RawAnswer> RemoteInstance::step_plan(std::uint64_t planning, std::size_t resource,
                                                             const drivers::Call &call, std::string_view unknown) {
    const drivers::Reply<Running> with = running_with(planning);
    if (!with) return with.error();
    bool unread = false;
    return converse<drivers::RawAnswer>(*with, Kind::step_plan, {&call, 1}, "plan", call.deadline, unread, planning & 0xFFFF'FFFF,
                                        std::uint64_t{resource}, call, unknown);
}

drivers::Reply<std::string> RemoteInstance::end_plan(std::uint64_t planning) {
    const drivers::Reply<Running> with = running_with(planning);
    if (!with) return with.error();
    bool unread = false;
    return converse<std::string>(*with, Kind::end_plan, {}, "plan", Clock::now() + timeout_, unread, planning & 0xFFFF'FFFF);
}

} // namespace rsf::process
