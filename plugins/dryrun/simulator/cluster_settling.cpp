// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done: each object has the steps that made it and wrote it last, and the last deletions are remembered.
#include "cluster.hpp"

#include "dryrun/objects/values.hpp"
#include "dryrun/storage/file_name.hpp"

#include <resourcifier/kubernetes/object_identity.hpp>

#include <algorithm>

namespace rsf::dryrun::simulator {

using namespace objects;
using namespace storage;

namespace {

std::string revision_of(const Record &record) { return read_identity(record.text).revision; }

} // namespace

Settlement Cluster::settle(std::uint32_t verb, Request request) {
    const Step step = request.step;
    if (!step.is_known())
        throw Error(Code::unsupported, "A write is known by its operation, and this one is part of none.", Retry::never);
    const std::optional<Key> key = key_to_delete(request);
    const auto look = [&] { return verb == RSF_DELETE ? settle_delete(key, step) : settle_write(key, step); };
    if (!key) return look();
    const WriteGate::Pass pass = gate_.one(*key);
    return look();
}

Settlement Cluster::settle_write(const std::optional<Key> &key, const Step &step) const {
    const RecordPtr record = key ? storage_->find(*key) : nullptr;
    if (record && (record->origin.last == step || record->origin.made == step)) {
        const Outcome outcome = record->origin.made == step ? Outcome::created : Outcome::changed;
        Settlement done = Settlement::done(parse_object(record->text), revision_of(*record), outcome);
        if (const KindPtr kind = kinds_.find(key->type)) done.selflink = selflink(*kind, *key);
        return done;
    }
    const std::vector<Deletion> deletions = storage_->deletions();
    const auto gone = std::find_if(deletions.begin(), deletions.end(),
                                   [&](const Deletion &each) { return each.origin.last == step || each.origin.made == step; });
    if (gone == deletions.end()) return Settlement::not_done(record ? revision_of(*record) : std::string());
    Settlement done = Settlement::done(nullptr, {}, gone->origin.made == step ? Outcome::created : Outcome::changed);
    done.warnings.emplace_back("The object was deleted since it was written.");
    return done;
}

// A deletion is noted before it is made: it was made if its object is not there any more.
Settlement Cluster::settle_delete(const std::optional<Key> &key, const Step &step) const {
    const RecordPtr record = key ? storage_->find(*key) : nullptr;
    if (!record) return Settlement::done();
    const std::string file = file_of(*key), uid(find_text(parse_object(record->text), "metadata.uid"));
    const std::vector<Deletion> deletions = storage_->deletions();
    const bool is_done = std::any_of(deletions.begin(), deletions.end(), [&](const Deletion &each) {
        return each.by == step && each.file == file && each.uid != uid;
    });
    if (!is_done) return Settlement::not_done(revision_of(*record));
    Settlement done = Settlement::done();
    done.warnings.emplace_back("Another object was made under its name since.");
    return done;
}

} // namespace rsf::dryrun::simulator
