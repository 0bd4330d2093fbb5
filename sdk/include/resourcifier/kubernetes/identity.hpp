// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/identity.hpp: whom an object of a write is, from what was posted, and whether a cluster's answer is that object.
// Header-only C++17. Pure; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_IDENTITY_HPP
#define RESOURCIFIER_KUBERNETES_IDENTITY_HPP

#include "../driver.hpp"
#include "kinds.hpp"
#include "names.hpp"
#include "object_identity.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::kubernetes {

// Whom an object is, once identify has seen it.
struct Identity {
    std::string api_version;
    std::string kind;
    std::string name;
    std::string ns; // the object's, else the request's, else empty: the driver's own default. Always empty for cluster-wide kinds
    bool type_disagrees = false; // the resource's type says otherwise; the object counts
};

namespace detail {

// For messages: quoted, control characters escaped. Whole, so that a secret in it is found; the daemon cuts what it shows.
inline std::string in_quotes(std::string_view text) {
    return json::serialize(json::value(json::string(text.data(), text.size())));
}

inline const json::object *object_in(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

// The string at key, or empty: missing or something else.
inline std::string_view text_in(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    const json::string *text = value ? value->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view{};
}

[[noreturn]] inline void refuse(const std::string &sentence) { throw Error(Code::invalid, sentence, Retry::never); }

// The string at key. Missing, null and "" are the same to Kubernetes: empty.
inline std::string_view checked_text(const json::object &object, std::string_view key, const char *path) {
    const json::value *value = object.if_contains(key);
    if (!value || value->is_null()) return {};
    if (!value->is_string())
        refuse(std::string(path) + " of the object must be a string, not " + to_string(value->kind()).data() + ".");
    return text_in(object, key);
}

// Programs written in Go match a key to a field in any case: by such a key they would read another identity than the one that was
// judged.
inline void refuse_lookalikes(const json::object &object, const char *where, std::initializer_list<std::string_view> fields) {
    for (const auto &member : object) {
        const std::string_view key(member.key().data(), member.key().size());
        const std::string folded = folded_key(key);
        for (const std::string_view field : fields)
            if (key != field && folded == lower(field))
                refuse("The key " + in_quotes(key) + " of " + where + " can be read as " + std::string(field) +
                       ": write it so, or leave it out.");
    }
}

// kubectl and API servers take whatever has items, however they are written, for several objects.
inline void refuse_list(const json::object &object) {
    for (const auto &member : object)
        if (folded_key({member.key().data(), member.key().size()}) == "items")
            refuse("The object is a list: post each of its items as a resource of its own.");
}

// Before type and name are looked at: the object is to mean the same to everybody who reads it.
inline void refuse_ambiguous(const json::object &object) {
    refuse_list(object);
    refuse_lookalikes(object, "the object", {"apiVersion", "kind", "metadata"});
    if (const json::object *metadata = object_in(object, "metadata"))
        refuse_lookalikes(*metadata, "metadata", {"name", "namespace", "generateName", "uid", "resourceVersion"});
}

// Whether type and what the object says of itself can't both be true. What an unknown word in small letters means is not known.
inline bool contradicts(const Type &type, const Kind *known_type, const Kind *known_kind, std::string_view written,
                        std::string_view kind, std::string_view api_version) {
    const bool is_kind = !written.empty() && written.front() >= 'A' && written.front() <= 'Z';
    const bool other_kind = known_kind   ? !type.names(*known_kind)
                            : known_type ? lower(kind) != known_type->singular
                                         : is_kind && lower(kind) != type.name;
    if (other_kind) return true;
    if (api_version.empty() || !type.has_group) return false;
    const GroupVersion of = split_api_version(api_version);
    const bool same_group = type.group == lower(of.group) || (known_kind && known_kind == known_type);
    return !same_group || (!type.version.empty() && !type.admits(of));
}

} // namespace detail

namespace detail {

// The object's kind and apiVersion, filled in from the type where they are missing and it leaves one reading. disagrees: whether
// the type says otherwise.
inline const Kind *settle_kind(json::object &object, std::string_view written, bool &disagrees) {
    std::string kind(checked_text(object, "kind", "kind"));
    std::string api_version(checked_text(object, "apiVersion", "apiVersion"));
    const Type type(written);
    const Kind *known_type = find_kind(type);
    if (kind == "List") refuse("The object is a list: post each of its items as a resource of its own.");

    const bool type_is_full_kind = !known_type && !type.version.empty() && written.front() >= 'A' && written.front() <= 'Z';
    if (kind.empty()) {
        if (!known_type && !type_is_full_kind)
            refuse("The object has no kind, and the resource's type " + in_quotes(written) +
                   " is not a built-in one that tells it: set kind.");
        kind = known_type ? std::string(known_type->kind) : std::string(written.substr(0, type.name.size()));
        if (known_type && !api_version.empty() && !kubernetes::find_kind(api_version, kind))
            refuse("The resource's type " + in_quotes(written) + " is kind " + kind + ", which apiVersion " +
                   in_quotes(api_version) + " does not have: make them agree, or set kind.");
    }
    const Kind *known_kind = nullptr;
    if (!api_version.empty())
        known_kind = kubernetes::find_kind(api_version, kind);
    else if (known_type && known_type->kind == kind)
        known_kind = known_type;
    else if (const Kind *found = kubernetes::find_kind(kind); found && found->kind == kind)
        known_kind = found;
    disagrees = !written.empty() && contradicts(type, known_type, known_kind, written, kind, api_version);

    if (api_version.empty()) {
        if (!type.version.empty() && !disagrees)
            api_version = type.group + (type.group.empty() ? "" : "/") + type.version;
        else if (!known_kind)
            refuse("The object has no apiVersion, and its kind " + in_quotes(kind) + " is not a built-in one: set apiVersion.");
        else if (any_version(*known_kind,
                             [&](GroupVersion of) { return of.version != known_kind->version && is_stable(of.version); }))
            refuse("The object has no apiVersion, and kind " + in_quotes(kind) + " has several: set apiVersion.");
        else
            api_version = known_kind->api_version();
    }
    if (const char *fault = fault_of_kind(kind)) refuse("The kind " + in_quotes(kind) + " can't be one: " + fault + ".");
    if (const char *fault = fault_of_api_version(api_version))
        refuse("The apiVersion " + in_quotes(api_version) + " can't be one: " + fault + ".");
    object["kind"] = kind;
    object["apiVersion"] = api_version;
    return known_kind ? known_kind : kubernetes::find_kind(api_version, kind);
}

using NameJudge = const char *(*)(const Kind *kind, std::string_view name);

inline Identity identify_as(json::object &object, std::string_view type, std::string_view name, std::string_view ns_of_request,
                            NameJudge judge) {
    refuse_ambiguous(object);
    bool type_disagrees = false;
    const Kind *kind = settle_kind(object, type, type_disagrees);

    json::value &metadata_value = object["metadata"];
    if (metadata_value.is_null()) metadata_value.emplace_object();
    if (!metadata_value.is_object()) refuse("metadata of the object must be an object.");
    json::object &metadata = metadata_value.get_object();
    if (checked_text(metadata, "name", "metadata.name").empty()) {
        if (!checked_text(metadata, "generateName", "metadata.generateName").empty())
            refuse("The object has metadata.generateName, so that nobody can tell which object to replace or delete: set "
                   "metadata.name.");
        if (name.empty()) refuse("The object has no name: set metadata.name.");
        metadata["name"] = name;
    }
    Identity identity{std::string(text_in(object, "apiVersion")),
                      std::string(text_in(object, "kind")),
                      std::string(text_in(metadata, "name")),
                      {},
                      type_disagrees};
    if (const char *fault = judge(kind, identity.name))
        refuse("The name " + in_quotes(identity.name) + " can't be that of a " + identity.kind + ": " + fault + ".");

    const std::string_view own = checked_text(metadata, "namespace", "metadata.namespace");
    for (const std::string_view ns : {own, ns_of_request})
        if (const char *fault = ns.empty() ? nullptr : fault_of_namespace(ns))
            refuse("The namespace " + in_quotes(ns) + " can't be one: " + fault + ".");
    if (kind && !kind->namespaced) return identity;
    if (!own.empty() && !ns_of_request.empty() && own != ns_of_request)
        refuse("The object's metadata.namespace is " + in_quotes(own) + ", but the request is for namespace " +
               in_quotes(ns_of_request) + ".");
    identity.ns = own.empty() ? ns_of_request : own;
    return identity;
}

} // namespace detail

// Whom the object of a write is. type and name: the resource's, as posted; ns_of_request: Call::ns(). apiVersion, kind and
// metadata.name are filled in, in object too, where they are missing and type and name leave one reading; a type that says
// otherwise than the object counts for nothing. Throws Error (Code::invalid) with a sentence for whatever is missing still, is
// not a string, or can't be a name. A kind that is not built in is taken at its word: a driver with discovery can fill in its
// kind before.
inline Identity identify(json::object &object, std::string_view type, std::string_view name, std::string_view ns_of_request) {
    return detail::identify_as(object, type, name, ns_of_request, detail::fault_of_name);
}

// What is wrong with an object that a cluster gave for asked, as a clause, or empty. Empty members of asked are not compared.
inline std::string fault_of_answer(const Identity &asked, const ObjectIdentity &answered) {
    if (is_of_binding(answered, asked.kind)) return {};
    if (answered.kind.empty()) return "it has no kind";
    if (std::string fault = difference({asked.api_version, asked.kind, asked.ns, asked.name, {}}, answered); !fault.empty())
        return fault;
    return answered.name.empty() ? "it has no metadata.name" : "";
}

} // namespace rsf::kubernetes

#endif
