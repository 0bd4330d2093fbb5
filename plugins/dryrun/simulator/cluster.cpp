// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/apply.hpp"
#include "dryrun/objects/digest.hpp"
#include "dryrun/objects/services.hpp"
#include "dryrun/objects/values.hpp"
#include "dryrun/storage/file_name.hpp"
#include "managed_fields.hpp"
#include "simulation.hpp"
#include "validation.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>
#include <charconv>

namespace rsf::dryrun::simulator {

using namespace objects;
using namespace storage;

namespace {

// The part of an object whose change is a new generation: all but metadata, status and apiVersion.
json::object essence(const json::object &object) {
    json::object rest = object;
    for (const char *key : {"metadata", "status", "apiVersion"}) rest.stable_erase(key);
    return rest;
}

// The object without the fields that each write sets.
json::object content(json::object object) {
    for (const char *key : {"resourceVersion", "managedFields"}) object_in(object, "metadata").stable_erase(key);
    return object;
}

// https://kubernetes.io/docs/reference/using-api/api-concepts/: kinds of the core group have no generation, except
// ReplicationController.
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

// held: empty where the object is not there.
void check_revision(std::string_view expected, std::string_view held, const std::string &what) {
    if (expected.empty() || expected == held) return;
    throw Error(Code::conflict,
                "Operation cannot be fulfilled on " + what + ": " +
                    (held.empty() ? "it is not there" : "it is at revision " + std::string(held)) + ", and revision " +
                    std::string(expected) + " was expected; read it again and decide anew",
                Retry::never);
}

// The fields that a replace can't change.
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

Cluster::Cluster(std::unique_ptr<Storage> storage, std::string default_ns)
    : storage_(std::move(storage)), default_ns_(std::move(default_ns)) {
    load();
    for (const std::string_view name : given_namespaces)
        if (!storage_->find(namespace_key(name))) create({"Namespace", name, {}, {{"apiVersion", "v1"}, {"kind", "Namespace"}}});
}

// For custom kinds: kubernetes::identify knows built-in kinds only.
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
    // An object in a former group of its kind is stored in the present one, since its key and its file are named by that.
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
    write.expected_revision = request.expected_revision;
    write.step = std::move(request.step);
    return write;
}

WriteGate::Pass Cluster::pass_for(const Key &key) { return key.type == definition_type ? gate_.all() : gate_.one(key); }

// Whether kind and namespace still exist. The caller has a pass of the write gate, so that they can't be deleted meanwhile.
void Cluster::check_room(const Write &write) const {
    if (!kinds_.find(write.kind->type))
        throw Error(Code::invalid,
                    "no matches for kind " + in_quotes(write.kind->type.kind) + ": its definition was deleted meanwhile",
                    Retry::never);
    if (!write.key.ns.empty() && !storage_->find(namespace_key(write.key.ns)))
        throw Error(Code::not_found, "namespaces " + in_quotes(write.key.ns) + " not found", Retry::never);
}

Result Cluster::create(Request request) {
    Write write = read(std::move(request));
    validate(write.object, *write.kind, write.key.name);
    const WriteGate::Pass pass = pass_for(write.key);
    check_room(write);
    const std::string what = write.kind->resource() + " " + in_quotes(write.key.name);
    if (storage_->find(write.key)) throw Error(Code::already_exists, what + " already exists", Retry::never);
    return make(write);
}

Result Cluster::make(Write &write) {
    json::object &metadata = object_in(write.object, "metadata");
    // An object that is created again under its old name gets another uid: there was a deletion in between.
    metadata["uid"] = uuid_of(file_of(write.key) + "\n" + std::to_string(storage_->last_deletion()));
    const std::uint64_t revision = write.dry_run ? 0 : storage_->next_revision();
    metadata["resourceVersion"] = std::to_string(revision);
    metadata["creationTimestamp"] = timestamp_of(revision);
    metadata.stable_erase("generation");
    if (counts_generations(*write.kind, write.object)) metadata["generation"] = 1;
    Addresses::Claim claim;
    complete(write, nullptr, claim);
    return put(write, nullptr, claim);
}

// held: the object that is replaced; empty: none.
void Cluster::validate_after(Write &write, const json::object &held) {
    if (!held.empty() && write.kind->type == GroupKind{"", "Service"}) drop_what_the_type_needed(write.object, held);
    validate(write.object, *write.kind, write.key.name);
}

Result Cluster::replace(Request request) {
    Write write = read(std::move(request));
    const WriteGate::Pass pass = pass_for(write.key);
    const RecordPtr record = storage_->find(write.key);
    const json::object held = record ? parse_object(record->text) : json::object();
    validate_after(write, held);
    check_room(write);
    if (!record)
        throw Error(Code::not_found, write.kind->resource() + " " + in_quotes(write.key.name) + " not found", Retry::never);
    return change(write, *record, held);
}

Result Cluster::apply(Request request) {
    Write write = read(std::move(request));
    // An exported object can be applied: what the cluster had set in it is dropped.
    for (const char *key : {"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"})
        object_in(write.object, "metadata").stable_erase(key);
    if (write.kind->type == GroupKind{"", "Secret"}) { // stringData is never stored: the apply owns the data that it becomes
        validate(write.object, *write.kind, write.key.name);
        const bool says_type = find(write.object, "type") != nullptr;
        fill_defaults(write.object, *write.kind);
        if (!says_type) write.object.stable_erase("type");
    }
    if (writes_status(*write.kind)) write.object.stable_erase("status");
    write.fields = owned_fields(write.object);
    const WriteGate::Pass pass = pass_for(write.key);
    check_room(write);
    const RecordPtr record = storage_->find(write.key);
    const json::object held = record ? parse_object(record->text) : json::object();
    if (record) write.object = applied(without_disowned(held, owned_of(held), *write.fields), write.object);
    validate_after(write, held);
    if (!record) check_revision(write.expected_revision, {}, write.kind->resource() + " " + in_quotes(write.key.name));
    Result result = record ? change(write, *record, held) : make(write);
    const bool is_same = record && content(write.object) == content(held); // other owners of its fields are no change
    result.outcome = is_same ? Outcome::unchanged : record ? Outcome::changed : Outcome::created;
    return result;
}

// held: the parsed text of record.
Result Cluster::change(Write &write, const Record &record, const json::object &held) {
    const std::string what = write.kind->resource() + " " + in_quotes(write.key.name);
    write.made = record.origin.made;
    check_revision(write.expected_revision, find_text(held, "metadata.resourceVersion"), what);
    check_preconditions(write.object, held, what);
    keep_identity(object_in(write.object, "metadata"), *find_object(held, "metadata"));
    if (!writes_status(*write.kind) && !find(write.object, "status") && find(held, "status"))
        write.object["status"] = *find(held, "status");
    Addresses::Claim claim;
    complete(write, &held, claim);
    if (write.object == held) return Result::from_text(record.text, Outcome::unchanged, selflink(*write.kind, write.key));

    json::object &metadata = object_in(write.object, "metadata");
    if (!write.fields) metadata.stable_erase("managedFields"); // a replace ends the ownership of the last apply
    if (metadata.contains("generation") && essence(write.object) != essence(held)) {
        metadata["generation"] = find_number(held, "metadata.generation", 0) + 1;
        fill_status(write.object, *write.kind); // the status has the generation in it
    }
    if (!write.dry_run) object_in(write.object, "metadata")["resourceVersion"] = std::to_string(storage_->next_revision());
    return put(write, &held, claim);
}

// Fills in what the cluster adds, except metadata, and validates the result. held: the object that is replaced, or null.
void Cluster::complete(Write &write, const json::object *held, Addresses::Claim &claim) {
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
    const RecordPtr record = record_of(json_text(write.object), write.object, {held ? write.made : write.step, write.step});
    const auto follow = [&] {
        claim.keep();
        if (held) addresses_.give_back(*held, &write.object);
        if (write.key.type == definition_type) kinds_.define(write.object);
    };
    try {
        storage_->put(write.key, record);
    } catch (const Unconfirmed &) {
        follow(); // the object is stored
        throw;
    }
    follow();
    return Result::from_text(record->text, Outcome::done, selflink(*write.kind, write.key));
}

} // namespace rsf::dryrun::simulator
