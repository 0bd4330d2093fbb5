// SPDX-License-Identifier: Apache-2.0
#include "operations/operations.hpp"

#include "base/text.hpp"
#include "operations/entry.hpp"
#include "operations/record.hpp"
#include "run/runner.hpp"
#include "shared/failpoint.hpp"
#include "store/operation_id.hpp"
#include "targets/target.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace rsf::operations {

namespace {

constexpr std::chrono::minutes longest_wait(10); // for one's turn

Accepted same_key(const store::KeyUse &use, const std::string &digest, parse::Configuration configuration) {
    if (use.digest != digest) return {use.operation, Accepted::How::mismatch};
    return {use.operation, Accepted::How::known, std::move(configuration)};
}

bool went_well(const run::Report &report) {
    return report && std::all_of(report->resources.begin(), report->resources.end(), [](const parse::Resource &resource) {
               return resource.state && parse::went_well(resource.state->status);
           });
}

drivers::Failure not_recorded(const std::string &why) {
    return drivers::transient(unavailable("the operation can't be recorded, and nothing was done: " + why),
                              std::chrono::seconds(5));
}

} // namespace

// Looks operations up by their ids, since announcements have nothing else.
class Operations::Recorder final : public run::Observer {
  public:
    explicit Recorder(std::weak_ptr<Operations> operations) : operations_(std::move(operations)) {}

    void step_begun(const run::Subject &subject, std::size_t step) override {
        RSF_FAILPOINT("operations.step_begun.before");
        note(subject, [&](Running &running) { running.step_begun(step); });
        RSF_FAILPOINT("operations.step_begun.after");
    }
    void step_ended(const run::Subject &subject, std::size_t step, const drivers::Answer &answer) override {
        RSF_FAILPOINT("operations.step_ended.before");
        note(subject, [&](Running &running) { running.step_ended(step, answer); });
        RSF_FAILPOINT("operations.step_ended.after");
    }
    void step_said(const run::Subject &subject, std::size_t step, std::string_view line) override {
        const auto operations = operations_.lock();
        const auto entry = operations ? operations->entry_of(std::string(subject.id)) : nullptr;
        if (entry) entry->running->step_said(step, std::string(line)); // for listeners alone: it is not stored
    }

  private:
    template <class Note> void note(const run::Subject &subject, Note note) {
        const auto operations = subject.id.empty() ? nullptr : operations_.lock();
        const auto entry = operations ? operations->entry_of(std::string(subject.id)) : nullptr;
        if (!entry) return;
        note(*entry->running);
        operations->save_later(entry);
    }

    const std::weak_ptr<Operations> operations_;
};

Operations::Operations(std::shared_ptr<store::Store> store, std::function<void(std::function<void()>)> later, Log log,
                       store::Seal seal)
    : store_(std::move(store)), later_(std::move(later)), log_(std::move(log)), seal_(std::move(seal)) {}

Operations::~Operations() = default;

std::shared_ptr<run::Observer> Operations::observer() const {
    return std::make_shared<Recorder>(std::const_pointer_cast<Operations>(shared_from_this()));
}

void Operations::begin(Wanted wanted, Begun begun, Ended ended) {
    if (const store::Health health = store_->health(); !health.ok)
        return refuse(wanted, not_recorded(health.reason), std::move(begun));
    if (auto why = wanted.target->drain_refusal()) return refuse(wanted, std::move(*why), std::move(begun));
    if (auto why = wanted.target->unsupported(wanted.operation.verb)) return refuse(wanted, std::move(*why), std::move(begun));
    if (auto why = too_much(wanted)) return refuse(wanted, std::move(*why), std::move(begun));
    // It has its place from now on, however long it waits for its turn.
    if (auto why = wanted.target->context().pool.enter()) return refuse(wanted, std::move(*why), std::move(begun));
    const auto entry = std::make_shared<Entry>();
    entry->target = std::move(wanted.target);
    entry->arrival = std::move(wanted.arrival);
    entry->target_name = entry->target->name();
    entry->operation = std::move(wanted.operation);
    entry->operation.has_entered = true;
    entry->begun = std::move(begun);
    entry->ended = std::move(ended);

    store::Operation record;
    record.created = store::now();
    record.target = entry->target_name;
    record.verb = to_string(entry->operation.verb);
    record.ns = entry->operation.ns;
    record.request_id = entry->operation.request_id;
    record.reason = std::move(wanted.reason);
    record.caller = entry->operation.caller;
    record.steps = steps_of(entry->operation);
    record.resources = record.steps.size();
    record.payload = payload_of(entry->operation.configuration);
    if (!wanted.key.empty())
        record.key = store::Key{record.caller.name, std::move(wanted.key), std::move(wanted.digest), record.created + key_time};
    enlist(entry, record);
    record.payload = seal_.seal(std::move(record.payload), record.id);
    RSF_FAILPOINT("operations.begin.unrecorded");
    store_->commit({store::Begin{std::move(record)}},
                   [self = shared_from_this(), entry](const Result<void> &result) { self->recorded(entry, result); });
}

// The operations of one target, which may hang, leave half of the memory for requests to others.
std::optional<drivers::Failure> Operations::too_much(const Wanted &wanted) const {
    if (!wanted.operation.memory) return std::nullopt;
    const shared::Lock lock(mutex_);
    const auto taken = memory_.find(wanted.target->name());
    const std::size_t most = wanted.operation.memory->limit() / 2, wants = wanted.operation.memory->amount();
    if (taken == memory_.end() || taken->second == 0 || (wants <= most && taken->second <= most - wants)) return std::nullopt;
    return drivers::transient(unavailable("the operations under way on target " + in_quotes(wanted.target->name()) +
                                          " take half of the memory that all requests may take"),
                              std::chrono::seconds(5));
}

// A request that was accepted before under the same key gets its answer all the same.
void Operations::refuse(const Wanted &wanted, drivers::Failure why, Begun begun) {
    runner_->withdraw(*wanted.target, wanted.operation, why);
    if (wanted.key.empty()) return begun(std::move(why));
    const auto configuration = std::make_shared<parse::Configuration>(wanted.operation.configuration);
    later_([self = shared_from_this(), why = std::move(why), begun = std::move(begun), configuration,
            caller = wanted.operation.caller.name, key = wanted.key, digest = wanted.digest]() mutable {
        const auto use = self->store_->key(caller, key, store::now());
        if (!use || !*use) return begun(std::move(why));
        begun(same_key(**use, digest, std::move(*configuration)));
    });
}

// From now on it holds its objects, or its place in their queue, and can be found. Ids are given in the order of the places,
// which they stand for after a restart.
void Operations::enlist(const std::shared_ptr<Entry> &entry, store::Operation &record, std::uint64_t first_number) {
    const shared::Lock lock(mutex_);
    if (record.id.empty()) record.id = store::new_operation_id(record.created);
    const std::vector<bool> just_written = locks_.just_written(record.target, record.steps, LockTable::Time::clock::now());
    for (std::size_t i = 0; i < just_written.size(); ++i) // or before a restart
        record.steps[i].is_close = record.steps[i].is_close || just_written[i];
    entry->ticket = locks_.take(record.target, record.steps);
    const bool is_new = !entry->is_resumed && !entry->is_queued_on_disk;
    if (is_new && locks_.waits_for(entry->ticket) == 0) {
        record.state = store::State::running;
        record.started = record.created;
    } else if (is_new) {
        entry->is_queued_on_disk = true;
    }
    entry->running = std::make_shared<Running>(record, entry->operation.verb, first_number);
    entry->operation.id = record.id;
    for (const store::Step &step : record.steps) entry->operation.just_written.push_back(step.is_close);
    entry->operation.cancel = entry->running->cancel_token();
    entry->memory = entry->operation.memory ? entry->operation.memory->amount() : 0;
    memory_[entry->target_name] += entry->memory;
    entries_[record.id] = entry;
    tickets_[entry->ticket] = entry;
}

// The store has it, or refused it.
void Operations::recorded(const std::shared_ptr<Entry> &entry, const Result<void> &result) {
    const Begun begun = std::exchange(entry->begun, nullptr);
    if (result) {
        RSF_FAILPOINT("operations.begin.recorded");
        feed_.note(entry->running->summary());
        begun(Accepted{entry->running->id()});
        RSF_FAILPOINT("operations.begin.told");
        return take_turn(entry);
    }
    const store::Operation record = entry->running->record();
    entry->ended = nullptr;
    leave(entry, drivers::Failure(result.error()));
    if (result.error().code != Code::already_exists) return begun(not_recorded(result.error().message));
    const auto use = store_->key(record.key->caller, record.key->text, record.created);
    if (!use) return begun(not_recorded(use.error().message));
    if (!*use) return begun(not_recorded("its key was freed just now; try again"));
    begun(same_key(**use, record.key->digest, std::move(entry->operation.configuration)));
}

void Operations::take_turn(const std::shared_ptr<Entry> &entry) {
    bool has_turn = false;
    {
        const shared::Lock lock(mutex_);
        entry->is_recorded = true;
        has_turn = locks_.waits_for(entry->ticket) == 0;
    }
    if (has_turn || entry->running->is_cancelled()) return start(entry);
    const std::string id = entry->running->id();
    after(longest_wait, [id](Operations &self) {
        const auto waits = self.entry_of(id);
        if (!waits) return;
        const std::optional<QueuePlace> queue = self.queue_of(id);
        self.withdraw(waits,
                      drivers::transient(error_of(Code::timeout, "the operation waited " + std::to_string(longest_wait.count()) +
                                                                     " minutes for objects that operation " +
                                                                     (queue ? queue->behind : "") + " holds"),
                                         std::chrono::seconds(60)));
    });
}

// It has its turn. The store must know that it begins: what it holds as queued had not begun when the daemon ended.
void Operations::start(const std::shared_ptr<Entry> &entry) {
    if (entry->running->is_cancelled() && !entry->is_resumed)
        return withdraw(entry, error_of(Code::cancelled, "the operation was cancelled before it began"));
    if (is_stopped(entry)) return;
    if (!entry->is_queued_on_disk) return run(entry);
    store_->commit({store::Progress{entry->running->id(), store::State::running, store::now(), {}}},
                   [self = shared_from_this(), entry](const Result<void> &result) {
                       if (result) return self->run(entry);
                       self->after(time_between_tries, [entry](Operations &still) { still.start(entry); });
                   });
}

void Operations::run(const std::shared_ptr<Entry> &entry) {
    if (is_stopped(entry)) return;
    {
        const shared::Lock lock(mutex_);
        if (std::exchange(entry->is_started, true)) return;
    }
    entry->operation.began = std::chrono::system_clock::now();
    if (entry->is_resumed) RSF_FAILPOINT("operations.resume.starts");
    RSF_FAILPOINT("operations.start.before");
    if (entry->running->begin(entry->is_resumed ? store::State::settling : store::State::running)) {
        feed_.note(entry->running->summary());
        save_later(entry);
    }
    // The run keeps its target until it has left the pool; this must not, since it may end on a thread of the target's.
    const std::shared_ptr<targets::Target> target = std::move(entry->target);
    runner_->write(*target, std::move(entry->operation),
                   [self = shared_from_this(), entry](run::Report report) { self->end(entry, std::move(report), true); });
    RSF_FAILPOINT("operations.start.after");
    entry->arrival = {};
}

// It does not begin any more, for this reason. Does nothing once it has started.
void Operations::withdraw(const std::shared_ptr<Entry> &entry, drivers::Failure why) {
    {
        const shared::Lock lock(mutex_);
        if (!entry->is_recorded || std::exchange(entry->is_started, true)) return;
    }
    runner_->withdraw(*entry->target, entry->operation, why);
    end(entry, std::move(why), false);
}

void Operations::end(const std::shared_ptr<Entry> &entry, run::Report report, bool was_begun) {
    bool is_held = false;
    {
        const shared::Lock lock(mutex_);
        is_held = holds_;
    }
    if (is_held && !went_well(report)) return interrupt(entry);
    const bool frees_key = !entry->is_resumed && (!report || !was_begun);
    store::End end{entry->running->end(report, entry->is_resumed), frees_key};
    const auto kept = std::make_shared<run::Report>(std::move(report));
    RSF_FAILPOINT("operations.end.before");
    store_->commit({std::move(end)}, [self = shared_from_this(), entry, kept, frees_key](const Result<void> &result) {
        RSF_FAILPOINT("operations.end.recorded");
        if (!result) self->keep_end({entry->running->ending(), frees_key});
        self->leave(entry, std::move(*kept));
    });
}

// Whether it does not begin any more.
bool Operations::is_stopped(const std::shared_ptr<Entry> &entry) {
    {
        const shared::Lock lock(mutex_);
        if (entry->is_started) return true;
        if (!holds_) return false;
        entry->is_started = true;
    }
    put_off(entry);
    return true;
}

// It did not begin, and does when the daemon is started again.
void Operations::put_off(const std::shared_ptr<Entry> &entry) {
    runner_->withdraw(*entry->target, entry->operation, unavailable("the daemon goes down"));
    interrupt(entry);
}

// It goes on when the daemon is started again. What is known of it so far is recorded.
void Operations::interrupt(const std::shared_ptr<Entry> &entry) {
    const auto leave_now = [self = shared_from_this(), entry](const Result<void> &) {
        const std::string &id = entry->running->id();
        self->leave(
            entry,
            drivers::transient(unavailable("the daemon goes down before operation " + id + " has ended: GET /operations/" + id +
                                           " tells what becomes of it once the daemon is back"),
                               std::chrono::seconds(5)),
            false);
    };
    std::optional<store::Progress> progress = entry->running->take_unsaved();
    if (!progress) return leave_now({});
    store_->commit({std::move(*progress)}, leave_now);
}

// Gives its objects to those who wait for them, and tells all who wait for its end.
void Operations::leave(const std::shared_ptr<Entry> &entry, run::Report report, bool has_ended) {
    std::vector<std::shared_ptr<Entry>> next;
    {
        const shared::Lock lock(mutex_);
        for (const LockTable::Ticket ticket : locks_.release(entry->ticket, LockTable::Time::clock::now()))
            if (const auto found = tickets_.find(ticket); found != tickets_.end() && found->second->is_recorded)
                next.push_back(found->second);
        if (const auto taken = memory_.find(entry->target_name); (taken->second -= entry->memory) == 0) memory_.erase(taken);
        tickets_.erase(entry->ticket);
        entries_.erase(entry->running->id());
        changed_.notify_all();
    }
    if (entry->target) entry->target->context().pool.leave(); // it never started
    RSF_FAILPOINT("operations.end.released");
    if (has_ended) {
        entry->running->settled();
        if (entry->is_recorded) feed_.note(entry->running->summary());
    } else {
        entry->running->interrupted();
    }
    if (const Ended ended = std::exchange(entry->ended, nullptr)) ended(std::move(report));
    RSF_FAILPOINT("operations.end.told");
    for (const std::shared_ptr<Entry> &each : next) later_([self = shared_from_this(), each] { self->start(each); });
}

void Operations::wait(const std::string &id, Timers::Clock::time_point until,
                      std::function<void(Result<std::optional<store::Operation>>)> told) {
    const std::shared_ptr<Running> runs = running(id);
    if (!runs) return told(find(id));
    const auto is_told = std::make_shared<std::atomic<bool>>(false);
    runs->when_ended([told, is_told](const store::Operation &record) {
        if (!is_told->exchange(true)) told(std::optional(record));
    });
    if (*is_told || until == Timers::Clock::time_point::max()) return;
    timers_.at(until, [told, is_told, runs] {
        if (!is_told->exchange(true)) told(std::optional(runs->record()));
    });
}

void Operations::cancel(const std::string &id, std::function<void(Result<void>)> told) {
    const std::shared_ptr<Entry> entry = entry_of(id);
    if (entry && entry->running->cancel()) {
        const auto is_noted = [self = shared_from_this(), entry, told = std::move(told)](const Result<void> &) {
            self->withdraw(entry, error_of(Code::cancelled, "the operation was cancelled before it began"));
            told({});
        };
        std::optional<store::Progress> progress = entry->running->take_unsaved();
        return progress ? store_->commit({std::move(*progress)}, is_noted) : is_noted({});
    }
    const auto found = find(id);
    if (!found) return told(found.error());
    if (!*found) return told(not_found("There is no operation " + id + "."));
    told(conflict("The operation " + id + " has ended."));
}

void Operations::after(Timers::Clock::duration time, std::function<void(Operations &)> call) {
    timers_.in(time, [weak = weak_from_this(), call = std::move(call)] {
        if (const auto self = weak.lock()) call(*self);
    });
}

bool Operations::hold() {
    if (!store_->outlasts_daemon()) return false;
    std::vector<std::shared_ptr<Entry>> waiting;
    {
        const shared::Lock lock(mutex_);
        holds_ = true;
        for (const auto &[id, entry] : entries_) {
            entry->running->hold();
            if (entry->is_recorded && !std::exchange(entry->is_started, true)) waiting.push_back(entry);
        }
    }
    for (const auto &each : waiting) put_off(each);
    return true;
}

} // namespace rsf::operations
