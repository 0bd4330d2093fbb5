// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include "dryrun/objects/values.hpp"
#include "dryrun/storage/file_name.hpp"

#include <resourcifier/kubernetes/deletion.hpp>
#include <resourcifier/kubernetes/object_identity.hpp>

#include <algorithm>

namespace rsf::dryrun::simulator {

using namespace objects;
using namespace storage;

namespace {

// Whether objects of the type have addresses. It saves parsing all others.
bool may_have_addresses(const GroupKind &type) {
    return (type.group.empty() && (type.kind == "Service" || type.kind == "Pod")) || type.kind == "Ingress";
}

// The object itself first: where many go with it, not all are remembered.
std::vector<Deletion> deletions_of(const std::vector<Key> &keys, const std::vector<RecordPtr> &records, const Step &by) {
    std::vector<Deletion> deletions;
    for (std::size_t i = keys.size(); i-- > 0 && deletions.size() < Deletion::most;)
        if (records[i])
            deletions.push_back({file_of(keys[i]), std::string(find_text(parse_object(records[i]->text), "metadata.uid")),
                                 records[i]->origin, by});
    return deletions;
}

} // namespace

// The key of the object, which may be posted in any version of its kind. Nothing: there can be no such object.
std::optional<Key> Cluster::key_to_delete(Request &request) const {
    fill_kind(request);
    kubernetes::Deletion deletion = kubernetes::identify_to_delete(request.object, request.type, request.name, request.ns);
    if (!deletion.identity) return std::nullopt;
    kubernetes::Identity &identity = *deletion.identity;
    const KindPtr kind = kinds_.find_in_any_version(identity.api_version, identity.kind);
    if (!kind) return std::nullopt;
    if (!kind->namespaced)
        identity.ns.clear();
    else if (identity.ns.empty())
        identity.ns = default_ns_;
    return Key{kind->type, std::move(identity.ns), std::move(identity.name)};
}

Result Cluster::remove(Request request) {
    const std::optional<Key> key = key_to_delete(request);
    if (!key) return Result::from_text({}, Outcome::unchanged);
    const bool is_namespace = key->type == namespace_type;
    if (is_namespace &&
        std::find(std::begin(given_namespaces), std::end(given_namespaces), key->name) != std::end(given_namespaces))
        throw Error(Code::forbidden, "namespaces " + in_quotes(key->name) + " is forbidden: this namespace may not be deleted",
                    Retry::never);
    const bool alone = is_namespace || key->type == definition_type;
    const WriteGate::Pass pass = alone ? gate_.all() : gate_.one(*key);
    const RecordPtr record = storage_->find(*key);
    if (!record) return Result::from_text({}, Outcome::unchanged);
    if (!request.expected_revision.empty())
        if (const std::string held = read_identity(record->text).revision; held != request.expected_revision)
            throw Error(Code::conflict,
                        "Operation cannot be fulfilled on " + key->type.kind + " " + in_quotes(key->name) +
                            ": it is at revision " + held + ", and revision " + std::string(request.expected_revision) +
                            " was expected; read it again and decide anew",
                        Retry::never);
    if (!request.dry_run) erase(*key, alone, request.step);
    return Result::from_text({});
}

// Erases the objects in a namespace or of a kind, then the object itself. If the process is killed in between, the object is
// still there and the deletion can be repeated.
void Cluster::erase(const Key &key, bool alone, const Step &by) {
    std::vector<Key> keys;
    std::optional<GroupKind> defined;
    if (key.type == namespace_type) keys = storage_->keys_in(key.name);
    if (key.type == definition_type) {
        defined = kind_of_definition(parse_object(storage_->find(key)->text)).type;
        for (Entry &entry : storage_->list(*defined, std::nullopt)) keys.push_back(std::move(entry.key));
    }
    keys.push_back(key);
    std::vector<RecordPtr> records;
    for (const Key &each : keys) records.push_back(storage_->find(each));

    const auto forget = [&] {
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (may_have_addresses(keys[i].type) && !storage_->find(keys[i]))
                addresses_.give_back(parse_object(records[i]->text), nullptr);
        if (defined && !storage_->find(key)) kinds_.forget(*defined);
    };
    storage_->next_deletion();
    if (by.is_known()) storage_->note_deletions(deletions_of(keys, records, by));
    try {
        storage_->erase(keys, alone ? Storage::Writers::none : Storage::Writers::others);
    } catch (...) {
        forget(); // the keys that were erased before the failure
        throw;
    }
    forget();
}

} // namespace rsf::dryrun::simulator
