// SPDX-License-Identifier: Apache-2.0
//
// What is written behind: what became of steps, ends that the store did not take at once, and what the history forgets.
#include "operations/entry.hpp"
#include "shared/failpoint.hpp"

#include <utility>

namespace rsf::operations {

namespace {

constexpr std::chrono::milliseconds time_to_save(200); // from a change to its commit
constexpr std::chrono::seconds time_between_prunings(5);
constexpr std::size_t pruned_at_once = 200;

} // namespace

void Operations::save_later(const std::shared_ptr<Entry> &entry) {
    {
        const shared::Lock lock(mutex_);
        if (std::exchange(entry->is_saving, true)) return;
    }
    after(time_to_save, [entry](Operations &self) { self.save(entry); });
}

void Operations::save(const std::shared_ptr<Entry> &entry) {
    {
        const shared::Lock lock(mutex_);
        entry->is_saving = false;
    }
    std::optional<store::Progress> progress = entry->running->take_unsaved(); // none once it ends: the end has all of it
    if (!progress) return;
    const auto kept = std::make_shared<store::Progress>(*progress);
    RSF_FAILPOINT("operations.progress.before");
    store_->commit({std::move(*progress)}, [weak = weak_from_this(), entry, kept](const Result<void> &result) {
        const auto self = weak.lock();
        if (result || !self) return;
        entry->running->give_back(*kept);
        self->after(time_between_tries, [entry](Operations &still) { still.save(entry); });
    });
}

void Operations::save_end(store::End end) {
    const auto kept = std::make_shared<store::End>(end);
    store_->commit({std::move(end)}, [weak = weak_from_this(), kept](const Result<void> &result) {
        const auto self = weak.lock();
        if (!result && self) self->keep_end(std::move(*kept));
    });
}

void Operations::keep_end(store::End end) {
    {
        const shared::Lock lock(mutex_);
        unsaved_ends_.push_back(std::move(end));
        if (unsaved_ends_.size() > 1) return;
    }
    after(time_between_tries, &Operations::save_ends);
}

void Operations::save_ends() {
    if (!store_->health().ok) return after(time_between_tries, &Operations::save_ends);
    std::vector<store::Change> batch;
    {
        const shared::Lock lock(mutex_);
        batch.assign(unsaved_ends_.begin(), unsaved_ends_.end());
    }
    const std::size_t count = batch.size();
    store_->commit(std::move(batch), [self = shared_from_this(), count](const Result<void> &result) {
        bool is_done = false;
        if (result) {
            const shared::Lock lock(self->mutex_);
            self->unsaved_ends_.erase(self->unsaved_ends_.begin(),
                                      self->unsaved_ends_.begin() + static_cast<std::ptrdiff_t>(count));
            is_done = self->unsaved_ends_.empty();
            self->changed_.notify_all();
        }
        if (!is_done) self->after(time_between_tries, &Operations::save_ends);
    });
}

void Operations::keep(History history) {
    {
        const shared::Lock lock(mutex_);
        history_ = history;
        if (std::exchange(prunes_, true)) return;
    }
    prune();
}

// Some at once, so that no write waits for long; the next as soon as these are gone.
void Operations::prune() {
    History history;
    {
        const shared::Lock lock(mutex_);
        history = history_;
    }
    const auto forgotten = std::make_shared<std::size_t>(0);
    const auto before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() - history.time);
    store_->commit({store::Prune{before, history.count, pruned_at_once, forgotten}},
                   [weak = weak_from_this(), forgotten](const Result<void> &result) {
                       const auto self = weak.lock();
                       if (!self) return;
                       const bool is_more = result && *forgotten == pruned_at_once;
                       self->after(is_more ? std::chrono::milliseconds(1) : std::chrono::milliseconds(time_between_prunings),
                                   &Operations::prune);
                   });
}

} // namespace rsf::operations
