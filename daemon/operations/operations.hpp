// SPDX-License-Identifier: Apache-2.0
//
// The life of a write: it is recorded before anything is touched, waits for its turn on the objects that it names, is carried
// out, and has ended when its end is recorded. Whoever asked for it may leave. Thread-safe.
#pragma once

#include "base/budget.hpp"
#include "base/log.hpp"
#include "operations/feed.hpp"
#include "operations/lock_table.hpp"
#include "operations/queue_place.hpp"
#include "operations/running.hpp"
#include "operations/timers.hpp"
#include "run/observer.hpp"
#include "run/operation.hpp"
#include "shared/mutex.hpp"
#include "store/seal.hpp"
#include "store/store.hpp"
#include "targets/arrival.hpp"
#include "targets/target_fwd.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rsf::run {
class Runner;
} // namespace rsf::run

namespace rsf::operations {

// How long a client's key for an operation holds.
inline constexpr std::chrono::hours key_time{24};

struct Wanted {
    std::shared_ptr<targets::Target> target;
    targets::Arrival arrival;
    run::Operation operation; // its id and cancel are set here
    std::string reason;       // the client's, or empty
    std::string key, digest;  // the client's key and what it stands for; empty: none
};

struct Accepted {
    enum class How {
        fresh,
        known,   // its key is that of this operation, which was accepted before
        mismatch // its key is that of this operation, which is another one
    };
    std::string id;
    How how = How::fresh;
    parse::Configuration configuration{}; // known: what was wanted again
};

// For how long ended operations are kept, and how many.
struct History {
    std::chrono::milliseconds time{std::chrono::hours(24) * 90};
    std::size_t count = 100'000;
};

// What is under way on a target.
struct Counts {
    std::size_t running = 0, queued = 0;
};

class Operations : public std::enable_shared_from_this<Operations> {
  public:
    // later: for what follows a wait; posts to threads that may work for a while. seal: for configurations in the store. Held by
    // a shared_ptr.
    Operations(std::shared_ptr<store::Store> store, std::function<void(std::function<void()>)> later, Log log,
               store::Seal seal = {});
    ~Operations();

    // Keeps up with what the runner announces; to be among its observers.
    std::shared_ptr<run::Observer> observer() const;
    // Before the first operation.
    void use(std::shared_ptr<const run::Runner> runner) { runner_ = std::move(runner); }
    void keep(History history);

    using Begun = std::function<void(boost::system::result<Accepted, drivers::Failure>)>;
    using Ended = std::function<void(run::Report)>;
    // begun: called once; what it is refused with, or where it is recorded. ended: called once after that if it is fresh, when
    // its end is recorded, or can't be for now. Both on any thread; must not block.
    void begin(Wanted wanted, Begun begun, Ended ended);

    // Its record when it has ended, or as it is at that time (max: never). None: there is none. Called once, on any thread.
    void wait(const std::string &id, Timers::Clock::time_point until,
              std::function<void(Result<std::optional<store::Operation>>)> told);
    // Nothing new is begun, and what runs is asked to stop. told: once that is recorded, or can't be for now; refused: not_found,
    // or conflict when it has ended. Called once, on any thread. May block in the store.
    void cancel(const std::string &id, std::function<void(Result<void>)> told);

    // These block in the store.
    Result<std::optional<store::Operation>> find(const std::string &id) const;
    Result<store::Page> list(const store::Filter &filter, std::size_t limit, const std::string &after) const;

    // Those that have not ended, and those whose end the store lacks, as they are now, if they fit; oldest first.
    std::vector<store::Summary> under_way(const store::Filter &filter) const;
    // Null: it has ended, or there is none.
    std::shared_ptr<Running> running(const std::string &id) const;
    // None: it has its turn.
    std::optional<QueuePlace> queue_of(const std::string &id) const;

    // By target.
    std::map<std::string, Counts> counts() const;
    store::Health health() const { return store_->health(); }
    Timers &timers() { return timers_; }
    Feed &feed() { return feed_; }

    // Waits until none is under way and all ends are in the store; false when until passed first.
    bool wait_idle(Timers::Clock::time_point until) const;
    // The daemon goes down before they have ended: none begins any more, and those that do not succeed after all go on when it is
    // started again, as after a crash. False, and nothing done: the store does not outlast the daemon.
    bool hold();

    // Goes on with what had not ended when the daemon last did, in the order in which it was accepted; one whose target is gone,
    // or whose record can't be read, ends. Before the first operation. memory: what they are counted against, each as a share of
    // most. Refused: the store can't be read.
    Result<void> resume(const targets::TargetSet &targets, run::Resumption::How how,
                        const std::shared_ptr<base::Budget> &memory = std::make_shared<base::Budget>(),
                        std::size_t most = std::numeric_limits<std::size_t>::max());

  private:
    class Recorder;
    struct Entry;

    void resume(store::Operation record, const targets::TargetSet &targets, run::Resumption::How how,
                std::shared_ptr<base::Share> memory);
    Result<void> note_last_writes();
    void end_unresumed(store::Operation record, const std::string &why);
    void end_unbegun(store::Operation record, drivers::Failure why);
    std::optional<drivers::Failure> too_much(const Wanted &wanted) const;
    void refuse(const Wanted &wanted, drivers::Failure why, Begun begun);
    void enlist(const std::shared_ptr<Entry> &entry, store::Operation &record, std::uint64_t first_number = 1);
    void recorded(const std::shared_ptr<Entry> &entry, const Result<void> &result);
    void take_turn(const std::shared_ptr<Entry> &entry);
    void start(const std::shared_ptr<Entry> &entry);
    void run(const std::shared_ptr<Entry> &entry);
    bool is_stopped(const std::shared_ptr<Entry> &entry);
    void put_off(const std::shared_ptr<Entry> &entry);
    void interrupt(const std::shared_ptr<Entry> &entry);
    void withdraw(const std::shared_ptr<Entry> &entry, drivers::Failure why);
    void end(const std::shared_ptr<Entry> &entry, run::Report report, bool was_begun);
    void leave(const std::shared_ptr<Entry> &entry, run::Report report, bool has_ended = true);
    void save_later(const std::shared_ptr<Entry> &entry);
    void save(const std::shared_ptr<Entry> &entry);
    // Calls it then, if this still exists.
    void after(Timers::Clock::duration time, std::function<void(Operations &)> call);
    void save_end(store::End end);
    void keep_end(store::End end);
    void save_ends();
    void prune();
    std::optional<store::Operation> unsaved(const std::string &id) const;
    std::shared_ptr<Entry> entry_of(const std::string &id) const;

    const std::shared_ptr<store::Store> store_;
    const std::function<void(std::function<void()>)> later_;
    const Log log_;
    const store::Seal seal_;
    Feed feed_;
    std::shared_ptr<const run::Runner> runner_; // constant once there are operations

    mutable shared::Mutex mutex_;
    mutable shared::Condition changed_;
    LockTable locks_ GUARDED_BY(mutex_);
    std::map<std::string, std::shared_ptr<Entry>> entries_ GUARDED_BY(mutex_); // of operations that have not ended
    std::map<LockTable::Ticket, std::shared_ptr<Entry>> tickets_ GUARDED_BY(mutex_);
    std::map<std::string, std::size_t> memory_ GUARDED_BY(mutex_); // by target, of those
    std::vector<store::End> unsaved_ends_ GUARDED_BY(mutex_);      // that the store did not take
    History history_ GUARDED_BY(mutex_);
    bool prunes_ GUARDED_BY(mutex_) = false;
    bool holds_ GUARDED_BY(mutex_) = false;

    Timers timers_; // last: its thread uses all of the above
};

} // namespace rsf::operations
