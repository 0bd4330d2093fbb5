// SPDX-License-Identifier: Apache-2.0
//
// kubernetes.hpp: what drivers for Kubernetes and clusters like it share, header-only C++17: the built-in kinds and how a type is
// read (kubernetes_kinds.hpp), what names are made of (kubernetes_names.hpp), an object's identity, and what must come before
// what. Pure: no I/O, no state; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_HPP
#define RESOURCIFIER_KUBERNETES_HPP

#include "driver.hpp"
#include "kubernetes_kinds.hpp"
#include "kubernetes_last.hpp"
#include "kubernetes_names.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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

namespace detail {

// One resource as order() sees it. Keys are texts that tell things apart; a reference in one equals only the same reference.
struct Ordered {
    struct Need {
        std::string key;
        std::string_view why;
    };
    std::vector<std::string> provides;
    std::vector<Need> needs;
    std::vector<std::string> definition; // keys under which the CustomResourceDefinition of a custom kind may be found
    std::string ns_key;                  // the Namespace that it is in, or empty
    std::string group, kind, name;       // whom it is; no kind: not known
    std::string ns;                      // of a namespaced one; empty: left to the driver's own default, which is not known here
    bool defines_cluster_wide = false;   // a CustomResourceDefinition with scope Cluster
    bool comes_last = false;
};

inline std::string key(std::string_view kind, std::string_view ns, std::string_view name) {
    std::string result(kind);
    result.append(1, '\n').append(ns).append(1, '\n').append(name);
    return result;
}

inline void read_definition(const json::object &spec, Ordered &resource) {
    const json::object *names = object_in(spec, "names");
    if (!names) return;
    const std::string_view group = text_in(spec, "group");
    resource.defines_cluster_wide = text_in(spec, "scope") == "Cluster";
    resource.provides.push_back(key("kind", group, text_in(*names, "kind")));
    const auto add = [&](std::string_view name) {
        if (name.empty()) return;
        resource.provides.push_back(key("type", {}, lower(name)));
        resource.provides.push_back(key("type", lower(group), lower(name)));
    };
    add(text_in(*names, "kind"));
    add(text_in(*names, "plural"));
    add(text_in(*names, "singular"));
    const json::value *shorts = names->if_contains("shortNames");
    if (const json::array *list = shorts ? shorts->if_array() : nullptr)
        for (const json::value &each : *list)
            if (const json::string *text = each.if_string()) add({text->data(), text->size()});
}

// What the cluster refuses an object for, where the other may be in the same configuration. Workloads are not here: their pods
// are made later and converge. A bare Pod is judged at once (admission plugins ServiceAccount, Priority, RuntimeClass), and so is
// a binding by anyone who may not bind every role (https://kubernetes.io/docs/reference/access-authn-authz/rbac/, "Privilege
// escalation prevention and bootstrapping").
inline void read_needs(const Kind &kind, const json::object &object, std::string_view ns, Ordered &resource) {
    if (kind.kind == "Pod") {
        const json::object *spec = object_in(object, "spec");
        if (!spec) return;
        const std::string_view account = text_in(*spec, "serviceAccountName");
        resource.needs.push_back({key("ServiceAccount", ns, account.empty() ? text_in(*spec, "serviceAccount") : account),
                                  "service account before its pod"});
        resource.needs.push_back(
            {key("PriorityClass", {}, text_in(*spec, "priorityClassName")), "priority class before its pod"});
        resource.needs.push_back({key("RuntimeClass", {}, text_in(*spec, "runtimeClassName")), "runtime class before its pod"});
    } else if (kind.kind == "RoleBinding" || kind.kind == "ClusterRoleBinding") {
        const json::object *role = object_in(object, "roleRef");
        if (!role) return;
        const std::string_view of = text_in(*role, "kind");
        if (of == "Role" || of == "ClusterRole")
            resource.needs.push_back(
                {key(of, of == "Role" ? ns : std::string_view{}, text_in(*role, "name")), "role before its binding"});
    }
}

// default_ns: may be empty, see order().
inline Ordered read_resource(const rsf::Resource &posted, std::string_view default_ns) {
    Ordered resource;
    boost::system::error_code failed;
    const json::value parsed = json_value(posted.object_text, failed);
    if (failed || !parsed.is_object()) return resource;
    const json::object &object = parsed.get_object();
    const json::object *metadata = object_in(object, "metadata");
    std::string_view name = metadata ? text_in(*metadata, "name") : std::string_view{};
    std::string_view ns = metadata ? text_in(*metadata, "namespace") : std::string_view{};
    if (name.empty()) name = posted.name;
    if (ns.empty()) ns = default_ns;
    const std::string_view said_ns = ns;
    if (ns.empty()) ns = "default";

    const std::string_view kind_text = text_in(object, "kind");
    const std::string_view api_version = text_in(object, "apiVersion");
    const Kind *kind = nullptr;
    if (kind_text.empty())
        kind = kubernetes::find_kind(posted.type);
    else if (!api_version.empty())
        kind = kubernetes::find_kind(api_version, kind_text);
    else if (const Kind *found = kubernetes::find_kind(kind_text); found && found->kind == kind_text)
        kind = found;

    if (!kind || kind->namespaced) resource.ns_key = key("Namespace", {}, ns);
    resource.kind = kind ? kind->kind : kind_text;
    resource.group = kind ? kind->group : split_api_version(api_version).group;
    resource.name = name;
    if (!kind || kind->namespaced) resource.ns = said_ns;
    if (kind) {
        resource.provides.push_back(key(kind->kind, kind->namespaced ? ns : std::string_view{}, name));
        resource.comes_last = detail::comes_last(*kind);
        read_needs(*kind, object, ns, resource);
        if (kind->kind == "CustomResourceDefinition")
            if (const json::object *spec = object_in(object, "spec")) read_definition(*spec, resource);
    } else if (!kind_text.empty()) {
        resource.definition.push_back(key("kind", split_api_version(api_version).group, kind_text));
    } else {
        const Type type(posted.type);
        resource.definition.push_back(key("type", type.group, type.name));
    }
    return resource;
}

} // namespace detail

// The body of rsf.order/1 for Kubernetes: a Namespace before what is in it, a CustomResourceDefinition before objects of its
// kind, and the few other things without which the cluster refuses an object; webhook configurations after all else. Of two
// resources that are one object each is before the other. ns: where an object goes that names no namespace (the request's, else
// the target's); empty: not known, likely "default". What can't be read gets no edges. Time and answer grow with the resources'
// text.
inline std::vector<Before> order(std::string_view ns, const std::vector<rsf::Resource> &resources) {
    using namespace detail;
    std::vector<Ordered> all;
    all.reserve(resources.size());
    std::unordered_map<std::string, std::size_t> providers; // of two with one key the first: the second will be refused
    for (const rsf::Resource &posted : resources) {
        all.push_back(read_resource(posted, ns));
        for (const std::string &provided : all.back().provides) providers.emplace(provided, all.size() - 1);
    }
    std::unordered_map<std::string, std::size_t> objects; // the first resource of each
    std::vector<Before> edges;
    const auto find = [&](const std::string &wanted) {
        const auto found = providers.find(wanted);
        return found == providers.end() ? resources.size() : found->second;
    };
    const auto add = [&](std::size_t first, std::size_t then, std::string_view why) {
        if (first != resources.size() && first != then) edges.push_back({first, then, why});
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool cluster_wide = all[i].ns_key.empty();
        for (const std::string &wanted : all[i].definition) {
            const std::size_t definition = find(wanted);
            add(definition, i, "CustomResourceDefinition before objects of its kind");
            if (definition != resources.size() && all[definition].defines_cluster_wide) cluster_wide = true;
        }
        if (!cluster_wide) add(find(all[i].ns_key), i, "namespace before what is in it");
        if (!all[i].kind.empty() && !all[i].name.empty()) {
            const std::string object =
                all[i].group + "\n" + key(all[i].kind, cluster_wide ? std::string_view{} : all[i].ns, all[i].name);
            const std::size_t same = objects.emplace(object, i).first->second;
            add(same, i, "the same object");
            add(i, same, "the same object");
        }
        for (const Ordered::Need &need : all[i].needs) add(find(need.key), i, need.why);
    }
    std::vector<std::size_t> last;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].comes_last) last.push_back(i);
    order_last(resources, last, add);
    return edges;
}

} // namespace rsf::kubernetes

#endif
