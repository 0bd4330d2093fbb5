// SPDX-License-Identifier: Apache-2.0
#include "folder_storage.hpp"

#include "origin_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rsf::dryrun::storage {
namespace {

// Revisions are reserved in steps, so that not every write of an object also writes the sequence file.
constexpr std::uint64_t reserved_at_once = 1000;

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

FolderStorage::FolderStorage(std::string path, StateFolder::Sync sync) : folder_(std::move(path), sync) {}

FolderStorage::~FolderStorage() {
    if (!reserving_) return; // nothing was written: a folder that turned out to be foreign stays as it was
    try {
        folder_.write(sequence_);
    } catch (const std::exception &) { // the next process skips the numbers that were reserved, as after a kill
    }
}

void FolderStorage::load(const std::function<void(const Loaded &)> &each) {
    std::uint64_t newest = 0;
    folder_.load([&](StateFolder::Loaded loaded) {
        newest = std::max(newest, revision_of(loaded.object));
        objects_.put(loaded.key, record_of(std::move(loaded.text), loaded.object, std::move(loaded.origin)));
        each({loaded.key, loaded.object, loaded.path});
    });
    // Without a sequence file, counting goes on from the newest object. That number counts as the last deletion's, too, so that
    // no uid is given out a second time.
    {
        const shared::Lock lock(deletions_mutex_);
        deletions_ = folder_.deletions();
    }
    const shared::Lock lock(sequence_mutex_);
    sequence_ = folder_.sequence().value_or(Sequence{newest, newest});
    sequence_.revision = std::max(sequence_.revision, newest);
    reserved_ = sequence_.revision;
}

std::vector<Entry> FolderStorage::list(const GroupKind &type, const std::optional<std::string> &ns) const {
    return objects_.list(type, ns);
}

void FolderStorage::put(const Key &key, RecordPtr record) {
    try {
        folder_.write(key, with_origin(record->text, record->origin));
    } catch (const Unconfirmed &) {
        objects_.put(key, std::move(record)); // the file has the new content
        throw;
    }
    objects_.put(key, std::move(record));
}

void FolderStorage::erase(std::span<const Key> keys, Writers writers) {
    folder_.remove(keys, [this](const Key &key) { objects_.erase(key); });
    {
        // The number that next_deletion() had no room to reserve. If there is still no room, the next change tries again.
        const shared::Lock lock(sequence_mutex_);
        if (sequence_.revision > reserved_) reserve_if_there_is_room();
    }
    if (writers == Writers::none) folder_.prune(keys);
}

void FolderStorage::note_deletions(std::vector<Deletion> deletions) {
    const shared::Lock lock(deletions_mutex_);
    deletions_ = joined(std::move(deletions), deletions_);
    try {
        folder_.write(deletions_);
    } catch (const Unconfirmed &) { // what is lost with the power is an answer about a deletion that may be lost as well
    } catch (const Error &error) {
        if (error.code != Code::unavailable) throw; // a full disk must not keep objects from being deleted
    }
}

std::vector<Deletion> FolderStorage::deletions() const {
    const shared::Lock lock(deletions_mutex_);
    return deletions_;
}

void FolderStorage::reserve() {
    if (sequence_.revision < reserved_) return;
    const std::uint64_t reserve = sequence_.revision + reserved_at_once;
    reserving_ = true;
    folder_.write(Sequence{reserve, reserve});
    reserved_ = reserve;
}

void FolderStorage::reserve_if_there_is_room() {
    try {
        reserve();
    } catch (const Error &error) {
        if (error.code != Code::unavailable) throw;
    }
}

std::uint64_t FolderStorage::next_revision() {
    const shared::Lock lock(sequence_mutex_);
    reserve();
    return ++sequence_.revision;
}

// A full disk must not keep objects from being deleted, since deleting them makes room.
std::uint64_t FolderStorage::next_deletion() {
    const shared::Lock lock(sequence_mutex_);
    reserve_if_there_is_room();
    return sequence_.last_deletion = ++sequence_.revision;
}

std::uint64_t FolderStorage::revision() const {
    const shared::Lock lock(sequence_mutex_);
    return sequence_.revision;
}

std::uint64_t FolderStorage::last_deletion() const {
    const shared::Lock lock(sequence_mutex_);
    return sequence_.last_deletion;
}

} // namespace rsf::dryrun::storage
