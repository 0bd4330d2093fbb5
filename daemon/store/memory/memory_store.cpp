// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.hpp"

#include <algorithm>
#include <iterator>

namespace rsf::store {

namespace {

std::size_t size_of(const Step &step) {
    std::size_t size = sizeof(Step) + step.name.size() + step.type.size() + step.selflink.size();
    size += step.object.group.size() + step.object.kind.size() + step.object.ns.size() + step.object.name.size();
    for (const auto *texts : {&step.errors, &step.warnings})
        for (const std::string &text : *texts) size += sizeof(std::string) + text.size();
    return size;
}

std::size_t size_of(const Operation &operation) {
    std::size_t size = sizeof(Operation) + operation.reason.size() + operation.payload.size() + operation.failure.size() + 512;
    for (const Step &step : operation.steps) size += size_of(step);
    return size;
}

} // namespace

MemoryStore::MemoryStore(std::size_t most) : most_(most) {}

void MemoryStore::commit(std::vector<Change> batch, Done done) {
    Result<void> result;
    {
        const shared::Lock lock(mutex_);
        result = refusal(batch);
        if (result)
            for (Change &change : batch) std::visit([this](auto &each) REQUIRES(mutex_) { carry_out(std::move(each)); }, change);
    }
    done(std::move(result));
}

Result<void> MemoryStore::refusal(const std::vector<Change> &batch) const {
    for (const Change &change : batch) {
        const auto *begin = std::get_if<Begin>(&change);
        if (!begin || !begin->operation.key) continue;
        const auto found = keys_.find({begin->operation.key->caller, begin->operation.key->text});
        if (found == keys_.end()) continue;
        const auto holder = operations_.find(found->second);
        if (holder != operations_.end() && holder->second.operation.key->expires > begin->operation.created)
            return already_exists("another operation has this key");
    }
    return {};
}

void MemoryStore::carry_out(Begin change) {
    Operation &operation = change.operation;
    if (operation.key) keys_[{operation.key->caller, operation.key->text}] = operation.id;
    if (!is_final(operation.state)) unfinished_.insert(operation.id);
    const std::string id = operation.id;
    Kept &kept = operations_[id];
    kept.operation = std::move(operation);
    measure(kept);
}

void MemoryStore::carry_out(Progress change) {
    const auto found = operations_.find(change.id);
    if (found == operations_.end() || is_final(found->second.operation.state)) return;
    Operation &operation = found->second.operation;
    operation.state = change.state;
    if (change.started) operation.started = change.started;
    operation.is_cancelled = operation.is_cancelled || change.is_cancelled;
    for (auto &[index, step] : change.steps)
        if (index < operation.steps.size()) operation.steps[index] = std::move(step);
    measure(found->second);
}

void MemoryStore::carry_out(End change) {
    const auto found = operations_.find(change.operation.id);
    if (found == operations_.end()) return;
    std::optional<Key> key = std::move(found->second.operation.key);
    found->second.operation = std::move(change.operation);
    if (change.frees_key && key) keys_.erase({key->caller, key->text});
    found->second.operation.key = change.frees_key ? std::nullopt : std::move(key);
    found->second.operation.payload.clear();
    unfinished_.erase(found->first);
    measure(found->second);
}

void MemoryStore::carry_out(const Prune &change) {
    std::size_t left = change.most;
    std::size_t rank = operations_.size(); // 1: the newest
    for (auto each = operations_.begin(); each != operations_.end() && left != 0; --rank) {
        const auto next = std::next(each);
        const bool is_old = each->second.operation.created < change.before || rank > change.keep;
        if (!is_old) break;
        const std::optional<Key> &key = each->second.operation.key;
        if (is_final(each->second.operation.state) && (!key || key->expires <= now())) {
            forget(each);
            --left;
        }
        each = next;
    }
    if (change.forgotten) *change.forgotten = change.most - left;
}

// Makes room for it.
void MemoryStore::measure(Kept &kept) {
    size_ -= kept.size;
    kept.size = size_of(kept.operation);
    size_ += kept.size;
    for (auto each = operations_.begin(); each != operations_.end() && size_ > most_;) {
        const auto next = std::next(each);
        if (&each->second != &kept && is_final(each->second.operation.state)) forget(each);
        each = next;
    }
}

void MemoryStore::forget(Operations::iterator which) {
    const Operation &operation = which->second.operation;
    if (operation.key) {
        const auto found = keys_.find({operation.key->caller, operation.key->text});
        if (found != keys_.end() && found->second == operation.id) keys_.erase(found);
    }
    size_ -= which->second.size;
    operations_.erase(which);
}

Result<std::optional<Operation>> MemoryStore::find(const std::string &id) {
    const shared::Lock lock(mutex_);
    const auto found = operations_.find(id);
    return found == operations_.end() ? std::nullopt : std::optional(found->second.operation);
}

Result<Page> MemoryStore::list(const Filter &filter, std::size_t limit, const std::string &after) {
    const shared::Lock lock(mutex_);
    Page page;
    auto each = after.empty() ? operations_.end() : operations_.lower_bound(after);
    while (each != operations_.begin()) {
        --each;
        if (!fits(filter, each->second.operation)) continue;
        if (page.operations.size() == limit) {
            page.has_more = true;
            break;
        }
        page.operations.push_back(each->second.operation);
    }
    return page;
}

Result<std::vector<Operation>> MemoryStore::unfinished() {
    const shared::Lock lock(mutex_);
    std::vector<Operation> found;
    for (const std::string &id : unfinished_) found.push_back(operations_.at(id).operation);
    return found;
}

Result<std::optional<KeyUse>> MemoryStore::key(const std::string &caller, const std::string &text, Time at) {
    const shared::Lock lock(mutex_);
    const auto found = keys_.find({caller, text});
    if (found == keys_.end()) return std::nullopt;
    const Operation &operation = operations_.at(found->second).operation;
    if (operation.key->expires <= at) return std::nullopt;
    return KeyUse{operation.id, operation.key->digest};
}

Result<std::size_t> MemoryStore::count() {
    const shared::Lock lock(mutex_);
    return operations_.size();
}

} // namespace rsf::store
