// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include "apply.hpp"
#include "digest.hpp"
#include "file_name.hpp"
#include "services.hpp"
#include "simulation.hpp"
#include "validation.hpp"
#include "values.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>
#include <charconv>

namespace rsf::dryrun {
namespace {

// What makes a generation: all but metadata, status and the version that it is written in.
json::object essence(const json::object &object) {
    json::object rest = object;
    for (const char *key : {"metadata", "status", "apiVersion"}) rest.stable_erase(key);
    return rest;
}

// All but what a write notes.
json::object content(json::object object) {
    for (const char *key : {"resourceVersion", "managedFields"}) object_in(object, "metadata").stable_erase(key);
    return object;
}

// https://kubernetes.io/docs/reference/using-api/api-concepts/: not every kind counts generations; those of the core group do
// not, but ReplicationController.
bool counts_generations(const Kind &kind, const json::object &object) {
    return object.contains("spec") && (!kind.type.group.empty() || kind.type.kind == "ReplicationController");
}

void check_preconditions(const json::object &wanted, const json::object &held, const std::string &what) {
    const std::string_view version = find_text(wanted, "metadata.resourceVersion");
    const json::value *given = find(wanted, "metadata.resourceVersion");
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(version.data(), version.data() + version.size(), number);
    if (given && !version.empty() && (failed != std::errc() || end != version.data() + version.size()))
        throw Error(Code::invalid,
                    what + " is invalid: metadata.resourceVersion: Invalid value: " + json_text(*given) +
                        ": must be one that the cluster gave out",
                    Retry::never);
    const std::string failure = "Operation cannot be fulfilled on " + what + ": ";
    if (number != 0 && version != find_text(held, "metadata.resourceVersion"))
        throw Error(Code::conflict,
                    failure + "the object has been modified; please apply your changes to the latest version and try again",
                    Retry::never);
    const std::string_view uid = find_text(wanted, "metadata.uid");
    if (!uid.empty() && uid != find_text(held, "metadata.uid"))
        throw Error(Code::conflict,
                    failure + "Precondition failed: UID in precondition: " + std::string(uid) +
                        ", UID in object meta: " + std::string(find_text(held, "metadata.uid")),
                    Retry::never);
}

// What replace leaves as it is, whatever was posted.
void keep_identity(json::object &metadata, const json::object &held) {
    for (const char *key : {"uid", "resourceVersion", "creationTimestamp", "generation"}) {
        if (const json::value *kept = find(held, key))
            metadata[key] = *kept;
        else
            metadata.stable_erase(key);
    }
}

// In a mapping of texts, API servers read null as the empty text.
void fill_null_texts(json::object &object, const GroupKind &type) {
    const bool has_data = type == GroupKind{"", "ConfigMap"} || type == GroupKind{"", "Secret"};
    for (const char *path : {"metadata.labels", "metadata.annotations", "data", "stringData"})
        if (json::object *texts = has_data || std::string_view(path).starts_with("meta") ? find_mutable(object, path) : nullptr)
            for (auto &member : *texts)
                if (member.value().is_null()) member.value() = "";
}

} // namespace

Cluster::Cluster(std::unique_ptr<StateFolder> folder, std::string default_ns)
    : store_(std::move(folder)), default_ns_(std::move(default_ns)) {
    load();
    for (const std::string_view name : given_namespaces)
        if (!store_.find(namespace_key(name))) create({"Namespace", name, {}, {{"apiVersion", "v1"}, {"kind", "Namespace"}}});
}

// kubernetes::identify knows built-in kinds only.
void Cluster::fill_kind(Request &request) const {
    if (find(request.object, "kind") || kubernetes::find_kind(request.type)) return;
    const std::string_view group = kubernetes::split_api_version(find_text(request.object, "apiVersion")).group;
    const KindPtr custom = kinds_.find_custom(request.type, group);
    if (!custom) return;
    request.object["kind"] = custom->type.kind;
    set_default(request.object, "apiVersion", json::string(custom->api_versions.front()));
}

Cluster::Write Cluster::read(Request request) const {
    fill_kind(request);
    json::object &object = request.object;
    kubernetes::Identity identity = kubernetes::identify(object, request.type, request.name, request.ns);
    Write write;
    write.kind = kinds_.by_object(identity.api_version, identity.kind);
    // A kind that moved is kept under its own group, or its file would not tell where it belongs.
    if (group_of(identity.api_version) != write.kind->type.group)
        object["apiVersion"] = write.kind->type.group + "/" + version_of(identity.api_version);
    json::object &metadata = object_in(object, "metadata");
    if (write.kind->namespaced) {
        if (identity.ns.empty()) identity.ns = default_ns_;
        metadata["namespace"] = identity.ns;
    } else {
        identity.ns.clear();
        metadata.stable_erase("namespace");
    }
    write.key = {write.kind->type, std::move(identity.ns), std::move(identity.name)};
    fill_null_texts(object, write.kind->type);
    write.object = std::move(object);
    write.dry_run = request.dry_run;
    return write;
}

WriteGate::Pass Cluster::pass_for(const Key &key) { return key.type == definition_type ? gate_.all() : gate_.one(key); }

// Whether there is still a kind and a namespace for the object, now that nobody can take them away.
void Cluster::check_room(const Write &write) const {
    if (!kinds_.find(write.kind->type))
        throw Error(Code::invalid,
                    "no matches for kind " + in_quotes(write.kind->type.kind) + ": its definition was deleted meanwhile",
                    Retry::never);
    if (!write.key.ns.empty() && !store_.find(namespace_key(write.key.ns)))
        throw Error(Code::not_found, "namespaces " + in_quotes(write.key.ns) + " not found", Retry::never);
}

Result Cluster::create(Request request) {
    Write write = read(std::move(request));
    validate(write.object, *write.kind, write.key.name);
    const WriteGate::Pass pass = pass_for(write.key);
    check_room(write);
    const std::string what = write.kind->resource() + " " + in_quotes(write.key.name);
    if (store_.find(write.key)) throw Error(Code::already_exists, what + " already exists", Retry::never);
    return make(write);
}

Result Cluster::make(Write &write) {
    json::object &metadata = object_in(write.object, "metadata");
    // Two objects that follow each other under one name differ by the deletion between them.
    metadata["uid"] = uuid_of(file_of(write.key) + "\n" + std::to_string(store_.last_deletion()));
    const std::uint64_t revision = write.dry_run ? 0 : store_.next_revision();
    metadata["resourceVersion"] = std::to_string(revision);
    metadata["creationTimestamp"] = timestamp_of(revision);
    metadata.stable_erase("generation");
    if (counts_generations(*write.kind, write.object)) metadata["generation"] = 1;
    Addresses::Claim claim;
    settle(write, nullptr, claim);
    return put(write, nullptr, claim);
}

// held: what the object takes the place of; empty: nothing.
void Cluster::validate_after(Write &write, const json::object &held) {
    if (!held.empty() && write.kind->type == GroupKind{"", "Service"}) drop_what_the_type_needed(write.object, held);
    validate(write.object, *write.kind, write.key.name);
}

Result Cluster::replace(Request request) {
    Write write = read(std::move(request));
    const WriteGate::Pass pass = pass_for(write.key);
    const RecordPtr record = store_.find(write.key);
    const json::object held = record ? parse_object(record->text) : json::object();
    validate_after(write, held);
    check_room(write);
    if (!record)
        throw Error(Code::not_found, write.kind->resource() + " " + in_quotes(write.key.name) + " not found", Retry::never);
    return change(write, *record, held);
}

Result Cluster::apply(Request request) {
    Write write = read(std::move(request));
    // An object that was exported is taken as it is.
    for (const char *key : {"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"})
        object_in(write.object, "metadata").stable_erase(key);
    if (write.kind->type == GroupKind{"", "Secret"}) { // stringData is for writing only: what is owned is data
        validate(write.object, *write.kind, write.key.name);
        const bool says_type = find(write.object, "type") != nullptr;
        fill_defaults(write.object, *write.kind);
        if (!says_type) write.object.stable_erase("type");
    }
    if (writes_status(*write.kind)) write.object.stable_erase("status");
    write.fields = owned_fields(write.object);
    const WriteGate::Pass pass = pass_for(write.key);
    check_room(write);
    const RecordPtr record = store_.find(write.key);
    const json::object held = record ? parse_object(record->text) : json::object();
    if (record) write.object = applied(without_disowned(held, owned_of(held), *write.fields), write.object);
    validate_after(write, held);
    Result result = record ? change(write, *record, held) : make(write);
    const bool is_same = record && content(write.object) == content(held); // whoever owns it now
    result.outcome = is_same ? Outcome::unchanged : record ? Outcome::changed : Outcome::created;
    return result;
}

// held: what record holds.
Result Cluster::change(Write &write, const Record &record, const json::object &held) {
    check_preconditions(write.object, held, write.kind->resource() + " " + in_quotes(write.key.name));
    keep_identity(object_in(write.object, "metadata"), *find_object(held, "metadata"));
    if (!writes_status(*write.kind) && !find(write.object, "status") && find(held, "status"))
        write.object["status"] = *find(held, "status");
    Addresses::Claim claim;
    settle(write, &held, claim);
    if (write.object == held) return Result::from_text(record.text, Outcome::unchanged, selflink(*write.kind, write.key));

    json::object &metadata = object_in(write.object, "metadata");
    if (!write.fields) metadata.stable_erase("managedFields"); // what is replaced is no longer as it was applied
    if (metadata.contains("generation") && essence(write.object) != essence(held)) {
        metadata["generation"] = find_number(held, "metadata.generation", 0) + 1;
        fill_status(write.object, *write.kind); // it says which generation it is of
    }
    if (!write.dry_run) object_in(write.object, "metadata")["resourceVersion"] = std::to_string(store_.next_revision());
    return put(write, &held, claim);
}

// All that the cluster adds but metadata. held: what is replaced, or null.
void Cluster::settle(Write &write, const json::object *held, Addresses::Claim &claim) {
    for (const char *key : {"managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"})
        object_in(write.object, "metadata").stable_erase(key);
    const std::string api_version(find_text(write.object, "apiVersion"));
    if (write.fields)
        object_in(write.object, "metadata")["managedFields"] = managed_fields(api_version, *write.fields);
    else if (const json::value *kept = held ? find(*held, "metadata.managedFields") : nullptr)
        object_in(write.object, "metadata")["managedFields"] = *kept;
    if (writes_status(*write.kind)) write.object.stable_erase("status");
    fill_defaults(write.object, *write.kind);
    Faults faults(write.kind->type != GroupKind{"", "Secret"});
    addresses_.fill(write.object, held, claim, faults);
    if (write.key.type == definition_type)
        if (const std::string conflict = kinds_.conflict_of(write.object); !conflict.empty())
            faults.invalid("spec.names", *find(write.object, "spec.names"), conflict);
    faults.throw_if_any(write.kind->qualified(), write.key.name);
    if (held) validate_change(write.object, *held, *write.kind, write.key.name);
    fill_status(write.object, *write.kind);
}

Result Cluster::put(const Write &write, const json::object *held, Addresses::Claim &claim) {
    if (write.dry_run) return Result::from_text(json_text(write.object), Outcome::done, selflink(*write.kind, write.key));
    auto record = std::make_shared<const Record>(Record{json_text(write.object), labels_of(write.object)});
    const auto follow = [&] {
        claim.keep();
        if (held) addresses_.give_back(*held, &write.object);
        if (write.key.type == definition_type) kinds_.define(write.object);
    };
    try {
        store_.put(write.key, record);
    } catch (const Unconfirmed &) {
        follow(); // it is there
        throw;
    }
    follow();
    return Result::from_text(record->text, Outcome::done, selflink(*write.kind, write.key));
}

} // namespace rsf::dryrun
