// SPDX-License-Identifier: Apache-2.0
//
// An operation that has not ended: what became of its steps so far, what of that is not in the store yet, and who waits for
// more. Every change has a number, so that a listener who says which it has seen gets the rest; a change is the whole step, or
// the whole state, as it is now. Thread-safe.
#pragma once

#include "drivers/call.hpp"
#include "run/operation_fwd.hpp"
#include "shared/mutex.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rsf::operations {

// What listeners are told, in the order of its numbers.
struct Changes {
    struct Step {
        std::uint64_t number;
        std::size_t index;
        store::Step step;
        std::string said{}; // what the driver said of it last, in place of a change of the step; else empty
    };
    std::vector<Step> steps;
    std::optional<std::pair<std::uint64_t, store::Summary>> state;
    bool has_ended = false; // no more come
};

class Running {
  public:
    // done: called with the record when its end is in the store, or as much as that is possible.
    using Ended = std::function<void(const store::Operation &)>;

    // first: the number of its first change. What has ended already, before a restart, is told too.
    Running(store::Operation record, drivers::Verb verb, std::uint64_t first = 1);

    const std::string &id() const { return id_; }
    store::Operation record() const;
    store::Summary summary() const;
    std::optional<store::Summary> summary_if(const store::Filter &filter) const; // none: it does not fit

    // What the run announces.
    void step_begun(std::size_t step);
    void step_said(std::size_t step, std::string line);
    void step_ended(std::size_t step, const drivers::Answer &answer);
    bool begin(store::State state); // false: it is in that state already
    // Nothing changes any more until settled(). The record as it is to be stored; nobody is told of it yet.
    // may_have_begun: something of it may have been done before a restart, also where the report refuses all.
    store::Operation end(const run::Report &report, bool may_have_begun = false);
    store::Operation ending() const; // the same again
    // The store has the end, or can't have it for now: it is the last change, and all who wait are told.
    void settled();

    // The daemon goes down, and the operation goes on when it is started again: failures are not its own from now on.
    void hold();
    // Nothing changes any more in this daemon: those who wait for the end are told how far it came.
    void interrupted();

    // What the store does not have yet; nothing: none.
    std::optional<store::Progress> take_unsaved();
    // The store did not take it.
    void give_back(const store::Progress &progress);

    // Calls once when the end is in the store: now, or later on any thread.
    void when_ended(Ended once);
    // What has changed since after; at most so many steps, not 0.
    Changes changes_since(std::uint64_t after, std::size_t most) const;
    std::uint64_t last_change() const;
    // Calls once when there is a change after that number: now, or later on any thread. Must not block, nor call back.
    void when_changed(std::uint64_t after, std::function<void()> once);

    // Asks for its end. False: it is ending already.
    bool cancel();
    bool is_cancelled() const; // here, or before a restart
    std::stop_token cancel_token() const { return cancel_.get_token(); }

  private:
    void changed(std::size_t step) REQUIRES(mutex_);
    void forget_said(std::size_t step) REQUIRES(mutex_);
    void state_changed() REQUIRES(mutex_);
    std::vector<std::function<void()>> take_listeners() REQUIRES(mutex_);

    const std::string id_;
    const drivers::Verb verb_;
    std::stop_source cancel_;

    mutable shared::Mutex mutex_;
    store::Operation record_ GUARDED_BY(mutex_);
    std::uint64_t last_ GUARDED_BY(mutex_);                 // number of the last change; the first is that it was accepted
    std::uint64_t state_number_ GUARDED_BY(mutex_);         // when the state changed
    std::vector<std::uint64_t> numbers_ GUARDED_BY(mutex_); // of each step's last change; 0: none
    std::set<std::pair<std::uint64_t, std::size_t>> order_ GUARDED_BY(mutex_); // steps by these
    // The last line of each step that runs, by its number.
    std::map<std::uint64_t, std::pair<std::size_t, std::string>> said_ GUARDED_BY(mutex_);
    std::set<std::size_t> unsaved_ GUARDED_BY(mutex_);
    bool state_unsaved_ GUARDED_BY(mutex_) = false;
    std::optional<store::Operation> end_ GUARDED_BY(mutex_); // the record as it is final
    bool is_ending_ GUARDED_BY(mutex_) = false;              // nothing changes until that is told
    bool has_ended_ GUARDED_BY(mutex_) = false;              // and told
    bool is_held_ GUARDED_BY(mutex_) = false;
    std::vector<Ended> waiting_ GUARDED_BY(mutex_);
    std::vector<std::function<void()>> listeners_ GUARDED_BY(mutex_);
};

} // namespace rsf::operations
