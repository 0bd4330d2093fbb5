// SPDX-License-Identifier: Apache-2.0
//
// kubernetes.hpp: what drivers for Kubernetes and clusters like it share, header-only C++17: the built-in kinds and how a type is
// read (kubernetes_kinds.hpp), an object's identity, and what must come before what. Pure: no I/O, no state; everything is
// thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_HPP
#define RESOURCIFIER_KUBERNETES_HPP

#include "driver.hpp"
#include "kubernetes_kinds.hpp"

#include <cstddef>
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
};

namespace detail {

// For messages: quoted, control characters escaped, cut when long.
inline std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 100;
    std::size_t end = text.size();
    if (end > most) {
        end = most;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end; // not within a character
    }
    const std::string_view shown = text.substr(0, end);
    return json::serialize(json::value(json::string(shown.data(), shown.size()))) + (end < text.size() ? "…" : "");
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

// What is wrong with a name, or nullptr. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: built-in kinds
// take a DNS subdomain (RFC 1123), Namespace a DNS label and Service one that starts with a letter (RFC 1035); RBAC's, IPAddress
// and custom kinds are held to the path segment rule only. None may look like a flag, whatever program it reaches.
inline const char *fault_of_name(const Kind *kind, std::string_view name) {
    if (name.empty() || name.size() > 253) return "a name has 1 to 253 characters";
    if (name.find("$(ref.") != name.npos) return "references are not resolved here; write the name itself";
    if (name.front() == '-') return "a name can't start with '-'";
    if (name == "." || name == ".." || name.find_first_of("/%") != name.npos)
        return "a name is not \".\" or \"..\" and has no '/' or '%'";
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name has no control characters";
    if (!kind || kind->group == "rbac.authorization.k8s.io" || kind->kind == "IPAddress") return nullptr;
    const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool is_label = kind->group.empty() && (kind->kind == "Namespace" || kind->kind == "Service");
    char before = '.';
    for (const char c : name) {
        if (!alphanumeric(c) && c != '-' && (c != '.' || is_label))
            return is_label ? "it may hold only a-z, 0-9 and '-'" : "it may hold only a-z, 0-9, '-' and '.'";
        if ((before == '.' && !alphanumeric(c)) || (c == '.' && before == '-'))
            return "each of its parts must start and end with a-z or 0-9";
        before = c;
    }
    if (!alphanumeric(before)) return "each of its parts must start and end with a-z or 0-9";
    if (is_label && name.size() > 63) return "it may have 63 characters at most";
    if (is_label && kind->kind == "Service" && name.front() <= '9') return "a Service's name starts with a letter";
    return nullptr;
}

// Throws when type and what the object says of itself can't both be true.
inline void refuse_contradiction(const Type &type, const Kind *known_type, const Kind *known_kind, std::string_view written,
                                 std::string_view kind, std::string_view api_version) {
    const std::string said = "The resource's type is " + in_quotes(written);
    if (known_kind ? !type.names(*known_kind) : known_type && lower(kind) != known_type->singular)
        refuse(said + ", but its object's kind is " + in_quotes(kind) + ": make them agree.");
    if (api_version.empty() || !type.has_group) return;
    const GroupVersion of = split_api_version(api_version);
    const bool same_group = type.group == lower(of.group) || (known_kind && known_kind == known_type);
    if (!same_group || (!type.version.empty() && !type.admits(of)))
        refuse(said + ", but its object's apiVersion is " + in_quotes(api_version) + ": make them agree.");
}

} // namespace detail

namespace detail {

// The object's kind and apiVersion, filled in from the type where they are missing and it leaves one reading.
inline const Kind *settle_kind(json::object &object, std::string_view written) {
    std::string kind(checked_text(object, "kind", "kind"));
    std::string api_version(checked_text(object, "apiVersion", "apiVersion"));
    const Type type(written);
    const Kind *known_type = find_kind(type);
    const bool is_list_kind = kind.size() >= 4 && kind.compare(kind.size() - 4, 4, "List") == 0;
    if (is_list_kind && (kind == "List" || object.if_contains("items")))
        refuse("The object is a list: post each of its items as a resource of its own.");

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
    if (!written.empty()) refuse_contradiction(type, known_type, known_kind, written, kind, api_version);

    if (api_version.empty()) {
        if (!type.version.empty())
            api_version = type.group + (type.group.empty() ? "" : "/") + type.version;
        else if (!known_kind)
            refuse("The object has no apiVersion, and its kind " + in_quotes(kind) + " is not a built-in one: set apiVersion.");
        else if (any_version(*known_kind,
                             [&](GroupVersion of) { return of.version != known_kind->version && is_stable(of.version); }))
            refuse("The object has no apiVersion, and kind " + in_quotes(kind) + " has several: set apiVersion.");
        else
            api_version = known_kind->api_version();
    }
    object["kind"] = kind;
    object["apiVersion"] = api_version;
    return known_kind ? known_kind : kubernetes::find_kind(api_version, kind);
}

} // namespace detail

// Whom the object of a write is. type and name: the resource's, as posted; ns_of_request: Call::ns(). apiVersion, kind and
// metadata.name are filled in, in object too, where they are missing and type and name leave one reading. Throws Error
// (Code::invalid) with a sentence for whatever is missing still, is not a string, contradicts another, or can't be a name. A kind
// that is not built in is taken at its word: a driver with discovery can fill in its kind before.
inline Identity identify(json::object &object, std::string_view type, std::string_view name, std::string_view ns_of_request) {
    using namespace detail;
    const Kind *kind = settle_kind(object, type);

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
                      {}};
    if (const char *fault = fault_of_name(kind, identity.name))
        refuse("The name " + in_quotes(identity.name) + " can't be that of a " + identity.kind + ": " + fault + ".");

    const std::string_view own = checked_text(metadata, "namespace", "metadata.namespace");
    if (kind && !kind->namespaced) return identity;
    if (!own.empty() && !ns_of_request.empty() && own != ns_of_request)
        refuse("The object's metadata.namespace is " + in_quotes(own) + ", but the request is for namespace " +
               in_quotes(ns_of_request) + ".");
    identity.ns = own.empty() ? ns_of_request : own;
    if (identity.ns.empty()) return identity;
    if (const char *fault = fault_of_name(kubernetes::find_kind("v1", "Namespace"), identity.ns))
        refuse("The namespace " + in_quotes(identity.ns) + " can't be one: " + fault + ".");
    return identity;
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
    bool defines_cluster_wide = false;   // a CustomResourceDefinition with scope Cluster
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

inline Ordered read_resource(const rsf::Resource &posted, std::string_view default_ns) {
    Ordered resource;
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = 512;
    const json::value parsed = json::parse(posted.object_text, failed, {}, options);
    if (failed || !parsed.is_object()) return resource;
    const json::object &object = parsed.get_object();
    const json::object *metadata = object_in(object, "metadata");
    std::string_view name = metadata ? text_in(*metadata, "name") : std::string_view{};
    std::string_view ns = metadata ? text_in(*metadata, "namespace") : std::string_view{};
    if (name.empty()) name = posted.name;
    if (ns.empty()) ns = default_ns;

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
    if (kind) {
        resource.provides.push_back(key(kind->kind, kind->namespaced ? ns : std::string_view{}, name));
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
// kind, and the few other things without which the cluster refuses an object. ns: where an object goes that names no namespace
// (the request's, else the target's). What can't be read gets no edges. Time and answer grow with the resources' text.
inline std::vector<Before> order(std::string_view ns, const std::vector<rsf::Resource> &resources) {
    using namespace detail;
    if (ns.empty()) ns = "default";
    std::vector<Ordered> all;
    all.reserve(resources.size());
    std::unordered_map<std::string, std::size_t> providers; // of two with one key the first: the second will be refused
    for (const rsf::Resource &posted : resources) {
        all.push_back(read_resource(posted, ns));
        for (const std::string &provided : all.back().provides) providers.emplace(provided, all.size() - 1);
    }
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
        for (const Ordered::Need &need : all[i].needs) add(find(need.key), i, need.why);
    }
    return edges;
}

} // namespace rsf::kubernetes

#endif
