// SPDX-License-Identifier: Apache-2.0
//
// The parts of the cluster that change no object: loading what the storage kept, and reads.
#include "cluster.hpp"

#include "dryrun/objects/values.hpp"
#include "dryrun/storage/file_name.hpp"
#include "selector.hpp"

namespace rsf::dryrun::simulator {

using namespace objects;
using namespace storage;

void Cluster::load() {
    std::vector<Key> keys;
    storage_->load([&](const Storage::Loaded &loaded) {
        keys.push_back(loaded.key);
        if (loaded.key.type == definition_type) kinds_.define(loaded.object);
        if (!addresses_.take(loaded.object))
            throw Error(Code::invalid,
                        "The object in " + loaded.path + " has an address or a port that another has too. Remove one of them.",
                        Retry::never);
    });
    for (const Key &key : keys) check_loaded(key);
}

void Cluster::check_loaded(const Key &key) const {
    const KindPtr kind = kinds_.find(key.type);
    std::string why;
    if (!kind)
        why = "there is no kind " + in_quotes(key.type.kind) + " in group " + in_quotes(key.type.group) + " any more";
    else if (kind->namespaced == key.ns.empty())
        why = kind->namespaced ? "its object has no namespace" : "its object is of a kind that has no namespaces";
    else if (!key.ns.empty() && !storage_->find(namespace_key(key.ns)))
        why = "there is no namespace " + in_quotes(key.ns);
    if (!why.empty())
        throw Error(Code::invalid,
                    "The state file " + file_of(key) + " does not fit the rest of its folder: " + why +
                        ". Restore what is missing from a backup, or remove the file.",
                    Retry::never);
}

Result Cluster::get(std::string_view type, std::string_view name, std::string_view ns) const {
    const KindPtr kind = kinds_.by_type(type);
    Key key{kind->type, {}, std::string(name)};
    if (kind->namespaced) key.ns = ns.empty() ? default_ns_ : std::string(ns);
    const RecordPtr record = storage_->find(key);
    if (!record) throw Error(Code::not_found, kind->resource() + " " + in_quotes(name) + " not found", Retry::never);
    return Result::from_text(record->text, Outcome::done, selflink(*kind, key));
}

KindPtr Cluster::kind_of(std::string_view type, const json::object &object) const {
    const std::string_view api_version = find_text(object, "apiVersion"), kind = find_text(object, "kind");
    if (api_version.empty() || kind.empty()) return kinds_.by_type(kind.empty() ? type : kind);
    if (KindPtr found = kinds_.find_in_any_version(api_version, kind)) return found;
    throw Error(Code::not_found, "no matches for kind " + in_quotes(kind) + " in version " + in_quotes(api_version),
                Retry::never);
}

Result Cluster::list(const Query &query, const std::function<bool()> &ended) const {
    const KindPtr kind = kinds_.by_type(query.type);
    const LabelSelector labels(query.label_selector);
    const FieldSelector fields(query.field_selector, kind->type, kind->resource());
    std::optional<std::string> ns;
    if (kind->namespaced && query.ns) ns = query.ns->empty() ? default_ns_ : *query.ns;

    const std::uint64_t revision = storage_->revision();
    std::vector<RecordPtr> found;
    std::size_t bytes = 0, seen = 0;
    for (Entry &entry : storage_->list(kind->type, ns)) {
        if (++seen % 256 == 0 && ended())
            throw Error(Code::cancelled, "The call was cancelled before its list was complete.", Retry::later);
        if (!labels.matches(entry.record->labels) || !fields.matches(entry)) continue;
        bytes += entry.record->text.size() + 1;
        found.push_back(std::move(entry.record));
    }
    std::string text =
        R"({"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":")" + std::to_string(revision) + R"("},"items":[)";
    text.reserve(text.size() + bytes + 2);
    for (const RecordPtr &record : found) (text += record->text) += ',';
    if (!found.empty()) text.pop_back();
    text += "]}";
    return Result::from_text(std::move(text));
}

} // namespace rsf::dryrun::simulator
