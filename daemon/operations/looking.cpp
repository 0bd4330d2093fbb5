// SPDX-License-Identifier: Apache-2.0
//
// What is known of operations: those that have not ended, as they are now; the others, from the store.
#include "operations/entry.hpp"

#include <algorithm>
#include <utility>

namespace rsf::operations {

std::optional<store::Operation> Operations::unsaved(const std::string &id) const {
    const shared::Lock lock(mutex_);
    const auto found =
        std::find_if(unsaved_ends_.begin(), unsaved_ends_.end(), [&](const store::End &end) { return end.operation.id == id; });
    return found == unsaved_ends_.end() ? std::nullopt : std::optional(found->operation);
}

Result<std::optional<store::Operation>> Operations::find(const std::string &id) const {
    if (const auto runs = running(id)) return std::optional(runs->record());
    if (auto ended = unsaved(id)) return ended;
    return store_->find(id);
}

std::vector<store::Summary> Operations::under_way(const store::Filter &filter) const {
    std::vector<std::shared_ptr<Running>> running;
    std::vector<store::Summary> all;
    {
        const shared::Lock lock(mutex_);
        for (const auto &[id, entry] : entries_)
            if (entry->is_recorded) running.push_back(entry->running);
        for (const store::End &end : unsaved_ends_)
            if (fits(filter, end.operation)) all.push_back(end.operation);
    }
    for (const auto &each : running)
        if (std::optional<store::Summary> summary = each->summary_if(filter)) all.push_back(std::move(*summary));
    std::sort(all.begin(), all.end(), [](const auto &left, const auto &right) { return left.id < right.id; });
    return all;
}

// The store's may be older than what became of them, and in another state.
Result<store::Page> Operations::list(const store::Filter &filter, std::size_t limit, const std::string &after) const {
    const std::vector<store::Summary> newer = under_way(filter);
    store::Page merged;
    for (std::string from = after;;) {
        Result<store::Page> page = store_->list(filter, limit, from);
        if (!page) return page;
        merged.has_more = page->has_more;
        const std::string last = page->has_more ? page->operations.back().id : std::string();
        std::vector<store::Summary> &all = page->operations;
        std::erase_if(all, [&](const store::Summary &older) { return running(older.id) || unsaved(older.id); });
        for (const store::Summary &each : newer) {
            const auto is_same = [&](const store::Summary &listed) { return listed.id == each.id; }; // it has ended meanwhile
            const bool is_within = (from.empty() || each.id < from) && each.id >= last;
            if (is_within && std::none_of(all.begin(), all.end(), is_same)) all.push_back(each);
        }
        std::sort(all.begin(), all.end(), [](const auto &left, const auto &right) { return left.id > right.id; });
        merged.operations = std::move(all);
        if (!merged.operations.empty() || !merged.has_more) break;
        from = last; // none of these is what it was
    }
    if (merged.operations.size() <= limit) return merged;
    merged.operations.resize(limit);
    merged.has_more = true;
    return merged;
}

std::shared_ptr<Operations::Entry> Operations::entry_of(const std::string &id) const {
    const shared::Lock lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : found->second;
}

std::shared_ptr<Running> Operations::running(const std::string &id) const {
    const std::shared_ptr<Entry> entry = entry_of(id);
    return entry ? entry->running : nullptr;
}

std::optional<QueuePlace> Operations::queue_of(const std::string &id) const {
    const shared::Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    const std::size_t position = locks_.waits_for(found->second->ticket);
    if (position == 0) return std::nullopt;
    const auto behind = tickets_.find(locks_.behind(found->second->ticket));
    return QueuePlace{position, behind == tickets_.end() ? std::string() : behind->second->running->id()};
}

std::map<std::string, Counts> Operations::counts() const {
    std::map<std::string, Counts> counts;
    const shared::Lock lock(mutex_);
    for (const auto &[id, entry] : entries_) {
        Counts &count = counts[entry->target_name];
        ++(entry->is_started ? count.running : count.queued);
    }
    return counts;
}

bool Operations::wait_idle(Timers::Clock::time_point until) const {
    shared::Lock lock(mutex_);
    return changed_.wait_until(lock, until, [&]() REQUIRES(mutex_) { return entries_.empty() && unsaved_ends_.empty(); });
}

} // namespace rsf::operations
