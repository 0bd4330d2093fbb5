// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <algorithm>
#include <charconv>

namespace rsf::dryrun {
namespace {

// Revisions are written down in steps, so that not each write of an object costs a second one.
constexpr std::uint64_t step = 1000;

std::uint64_t revision_of(const json::object &object) {
    const json::value *metadata = object.if_contains("metadata");
    const json::value *text = metadata && metadata->is_object() ? metadata->get_object().if_contains("resourceVersion") : nullptr;
    std::uint64_t revision = 0;
    if (text && text->is_string()) {
        const json::string &digits = text->get_string();
        std::from_chars(digits.data(), digits.data() + digits.size(), revision);
    }
    return revision;
}

} // namespace

Labels labels_of(const json::object &object) {
    Labels labels;
    const json::value *metadata = object.if_contains("metadata");
    const json::value *found = metadata && metadata->is_object() ? metadata->get_object().if_contains("labels") : nullptr;
    if (!found || !found->is_object()) return labels;
    for (const auto &[key, value] : found->get_object())
        if (value.is_string()) labels.emplace_back(key, value.get_string());
    return labels;
}

Store::Store(std::unique_ptr<StateFolder> folder) : folder_(std::move(folder)) {}

Store::~Store() {
    if (!reserving_) return; // and so a folder that turned out to be somebody else's is left as it was
    try {
        folder_->write(sequence_);
    } catch (const std::exception &) { // the numbers that were reserved are skipped then, as after a kill
    }
}

void Store::load(const std::function<void(const StateFolder::Loaded &)> &each) {
    if (!folder_) return;
    std::uint64_t newest = 0;
    folder_->load([&](StateFolder::Loaded loaded) {
        newest = std::max(newest, revision_of(loaded.object));
        objects_[loaded.key.type][{loaded.key.ns, loaded.key.name}] =
            std::make_shared<Record>(Record{std::move(loaded.text), labels_of(loaded.object)});
        each(loaded);
    });
    // Without its file: count on from the newest object, and let no uid come back.
    sequence_ = folder_->sequence().value_or(Sequence{newest, newest});
    sequence_.revision = std::max(sequence_.revision, newest);
    reserved_ = sequence_.revision;
}

RecordPtr Store::find(const Key &key) const {
    const std::shared_lock lock(objects_mutex_);
    const auto kind = objects_.find(key.type);
    if (kind == objects_.end()) return nullptr;
    const auto object = kind->second.find({key.ns, key.name});
    return object == kind->second.end() ? nullptr : object->second;
}

std::vector<Entry> Store::list(const GroupKind &type, const std::optional<std::string> &ns) const {
    std::vector<Entry> entries;
    const std::shared_lock lock(objects_mutex_);
    const auto kind = objects_.find(type);
    if (kind == objects_.end()) return entries;
    for (auto each = ns ? kind->second.lower_bound({*ns, {}}) : kind->second.begin(); each != kind->second.end(); ++each) {
        if (ns && each->first.ns != *ns) break;
        entries.push_back({{type, each->first.ns, each->first.name}, each->second});
    }
    return entries;
}

std::vector<Key> Store::keys_in(const std::string &ns) const {
    std::vector<Key> keys;
    const std::shared_lock lock(objects_mutex_);
    for (const auto &[type, places] : objects_)
        for (auto each = places.lower_bound({ns, {}}); each != places.end() && each->first.ns == ns; ++each)
            keys.push_back({type, ns, each->first.name});
    return keys;
}

std::vector<Key> Store::keys_of(const GroupKind &type) const {
    std::vector<Key> keys;
    for (Entry &entry : list(type, std::nullopt)) keys.push_back(std::move(entry.key));
    return keys;
}

void Store::put(const Key &key, RecordPtr record) {
    const auto publish = [&] {
        const std::unique_lock lock(objects_mutex_);
        objects_[key.type].insert_or_assign({key.ns, key.name}, record);
    };
    try {
        if (folder_) folder_->write(key, record->text);
    } catch (const Unconfirmed &) {
        publish(); // the file is the new one
        throw;
    }
    publish();
}

void Store::erase(std::span<const Key> keys) {
    const auto forget = [this](const Key &key) {
        const std::unique_lock lock(objects_mutex_);
        const auto kind = objects_.find(key.type);
        if (kind == objects_.end()) return;
        kind->second.erase({key.ns, key.name});
        if (kind->second.empty()) objects_.erase(kind);
    };
    if (!folder_) {
        for (const Key &key : keys) forget(key);
        return;
    }
    folder_->remove(keys, forget);
    reserve_after_deletion();
}

// What next_deletion() found no room for. When there is none yet, the next change tries again.
void Store::reserve_after_deletion() {
    const std::lock_guard lock(sequence_mutex_);
    if (sequence_.revision <= reserved_) return;
    try {
        reserve_locked();
    } catch (const Error &error) {
        if (error.code != Code::unavailable) throw;
    }
}

void Store::erase_and_prune(std::span<const Key> keys) {
    erase(keys);
    if (folder_) folder_->prune(keys);
}

void Store::reserve_locked() {
    if (!folder_ || sequence_.revision < reserved_) return;
    const std::uint64_t reserve = sequence_.revision + step;
    reserving_ = true;
    folder_->write(Sequence{reserve, reserve});
    reserved_ = reserve;
}

std::uint64_t Store::next_revision() {
    const std::lock_guard lock(sequence_mutex_);
    reserve_locked();
    return ++sequence_.revision;
}

// A disk that is full may not keep objects from being deleted: that is what makes room.
std::uint64_t Store::next_deletion() {
    const std::lock_guard lock(sequence_mutex_);
    try {
        reserve_locked();
    } catch (const Error &error) {
        if (error.code != Code::unavailable) throw;
    }
    return sequence_.last_deletion = ++sequence_.revision;
}

std::uint64_t Store::revision() const {
    const std::lock_guard lock(sequence_mutex_);
    return sequence_.revision;
}

std::uint64_t Store::last_deletion() const {
    const std::lock_guard lock(sequence_mutex_);
    return sequence_.last_deletion;
}

} // namespace rsf::dryrun
