// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include "values.hpp"

#include <resourcifier/kubernetes_deletion.hpp>

#include <algorithm>

namespace rsf::dryrun {
namespace {

// Whether there can be an address in it; parsing many objects to see is slow.
bool may_have_addresses(const GroupKind &type) {
    return (type.group.empty() && (type.kind == "Service" || type.kind == "Pod")) || type.kind == "Ingress";
}

} // namespace

// Whose object it is, in whatever version of its kind it was posted. None: it can't be there.
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
    if (!store_.find(*key)) return Result::from_text({}, Outcome::unchanged);
    if (!request.dry_run) erase(*key, alone);
    return Result::from_text({});
}

// With everything that can't be without it, and itself last: what a kill leaves is a cluster in which the deletion is not done
// yet.
void Cluster::erase(const Key &key, bool alone) {
    std::vector<Key> keys;
    std::optional<GroupKind> defined;
    if (key.type == namespace_type) keys = store_.keys_in(key.name);
    if (key.type == definition_type) {
        defined = kind_of_definition(parse_object(store_.find(key)->text)).type;
        keys = store_.keys_of(*defined);
    }
    keys.push_back(key);
    std::vector<RecordPtr> records;
    for (const Key &each : keys) records.push_back(store_.find(each));

    const auto forget = [&] {
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (may_have_addresses(keys[i].type) && !store_.find(keys[i]))
                addresses_.give_back(parse_object(records[i]->text), nullptr);
        if (defined && !store_.find(key)) kinds_.forget(*defined);
    };
    store_.next_deletion();
    try {
        if (alone)
            store_.erase_and_prune(keys);
        else
            store_.erase(keys);
    } catch (...) {
        forget(); // as far as it came
        throw;
    }
    forget();
}

} // namespace rsf::dryrun
