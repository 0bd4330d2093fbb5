// SPDX-License-Identifier: Apache-2.0
#include "validation.hpp"

#include "dryrun/objects/pod_path.hpp"
#include "dryrun/objects/values.hpp"
#include "faults.hpp"
#include "shapes.hpp"
#include "syntax.hpp"

#include <algorithm>
#include <set>

namespace rsf::dryrun::simulator {

using namespace objects;

namespace {

std::string joined(const std::string &path, std::string_view member) {
    return path.empty() ? std::string(member) : path + "." + std::string(member);
}

bool whole_number(const json::value &value, std::int64_t least, std::int64_t most) {
    return value.is_int64() && value.get_int64() >= least && value.get_int64() <= most;
}

bool base64(std::string_view text) {
    std::size_t digits = 0, padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue; // Go's decoder skips them
        const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        if (c == '=' ? digits % 4 < 2 : !digit || padding > 0) return false;
        ++(c == '=' ? padding : digits);
    }
    return (digits + padding) % 4 == 0 && padding < 3;
}

void check_texts(const std::string &path, const json::value &value, bool labels, Faults &faults) {
    if (!value.is_object()) return faults.invalid(path, value, "must be an object of strings");
    for (const auto &[key, member] : value.get_object()) {
        if (labels)
            if (const char *fault = fault_of_label_key(key)) faults.invalid(path, json::string(key), fault);
        if (!member.is_string())
            faults.invalid(joined(path, key), member, "must be a string");
        else if (const char *fault = labels ? fault_of_label_value(member.get_string()) : nullptr)
            faults.invalid(path, member, fault);
    }
}

void check_text(const Rule &rule, const std::string &path, const json::value &value, Faults &faults) {
    if (!value.is_string()) return faults.invalid(path, value, "must be a string");
    const std::string_view text = value.get_string();
    if (text.empty() && rule.required) return faults.required(path);
    if (rule.shape == Shape::base64 && !base64(text)) return faults.invalid(path, value, "must be base64");
    if (rule.shape == Shape::dns_label)
        if (const char *fault = fault_of_dns_label(text)) return faults.invalid(path, value, fault);
    if (rule.allowed.empty() || text.empty()) return;
    if (text.find(' ') != std::string_view::npos ||
        (" " + std::string(rule.allowed) + " ").find(" " + std::string(text) + " ") == std::string::npos)
        faults.unsupported(path, value, rule.allowed);
}

void check_shape(const Rule &rule, const std::string &path, const json::value &value, Faults &faults) {
    switch (rule.shape) {
    case Shape::text:
    case Shape::base64:
    case Shape::dns_label:
    case Shape::name: return check_text(rule, path, value, faults);
    case Shape::texts: return check_texts(path, value, false, faults);
    case Shape::labels: return check_texts(path, value, true, faults);
    case Shape::boolean:
        if (!value.is_bool()) faults.invalid(path, value, "must be true or false");
        return;
    case Shape::object:
        if (!value.is_object()) faults.invalid(path, value, "must be an object");
        return;
    case Shape::array:
        if (!value.is_array())
            faults.invalid(path, value, "must be a list");
        else if (rule.required && value.get_array().empty())
            faults.required(path);
        return;
    case Shape::count:
        if (!whole_number(value, 0, INT32_MAX)) faults.invalid(path, value, "must be a whole number greater than or equal to 0");
        return;
    case Shape::port:
        if (!whole_number(value, 1, 65535)) faults.invalid(path, value, "must be between 1 and 65535, inclusive");
        return;
    case Shape::port_name:
        if (!value.is_string() && !whole_number(value, 1, 65535))
            faults.invalid(path, value, "must be a port's name, or between 1 and 65535, inclusive");
        return;
    case Shape::quantity:
        if (!value.is_string() && !value.is_number()) faults.invalid(path, value, "must be a quantity, as in \"1Gi\"");
        return;
    }
}

void apply_within(const Rule &rule, std::string_view rest, const std::string &path, const json::object &object, Faults &faults);

// Applies the rule at the end of its path. A value of the wrong shape on the way is reported by its own rule.
void apply(const Rule &rule, std::string_view rest, const std::string &path, const json::value &value, Faults &faults) {
    if (rest.empty()) return check_shape(rule, path, value, faults);
    if (rest.starts_with("[]")) {
        if (!value.is_array()) return;
        rest.remove_prefix(rest.size() > 2 && rest[2] == '.' ? 3 : 2);
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
            apply(rule, rest, path + "[" + std::to_string(i) + "]", value.get_array()[i], faults);
        return;
    }
    if (value.is_object()) apply_within(rule, rest, path, value.get_object(), faults);
}

void apply_within(const Rule &rule, std::string_view rest, const std::string &path, const json::object &object, Faults &faults) {
    if (rest.front() == '*') {
        for (const auto &[key, member] : object) apply(rule, rest.substr(1), path + "[" + std::string(key) + "]", member, faults);
        return;
    }
    const auto end = std::min(rest.find_first_of(".["), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(end < rest.size() && rest[end] == '.' ? end + 1 : end);
    const std::string below = joined(path, name);
    const json::value *member = object.if_contains(name);
    if (member && !member->is_null())
        apply(rule, rest, below, *member, faults);
    else if (rest.empty() && rule.required)
        faults.required(below);
}

void check_metadata(const json::object &metadata, Faults &faults) {
    if (const json::value *labels = find(metadata, "labels")) check_texts("metadata.labels", *labels, true, faults);
    const json::value *annotations = find(metadata, "annotations");
    if (!annotations) return;
    check_texts("metadata.annotations", *annotations, false, faults);
    if (!annotations->is_object()) return;
    for (const auto &[key, value] : annotations->get_object())
        if (const char *fault = fault_of_label_key(key)) faults.invalid("metadata.annotations", json::string(key), fault);
}

void check_selector(const json::object &object, Faults &faults) {
    const json::object *selector = find_object(object, "spec.selector");
    const json::object *labels = find_object(object, "spec.template.metadata.labels");
    if (!selector || !find_object(object, "spec.template")) return;
    const json::object *wanted = find_object(*selector, "matchLabels");
    const json::array *expressions = find_array(*selector, "matchExpressions");
    if ((!wanted || wanted->empty()) && (!expressions || expressions->empty()))
        return faults.invalid("spec.selector", *selector, "empty selector is invalid for a workload");
    if (!wanted) return;
    for (const auto &[key, value] : *wanted) {
        const json::value *label = labels ? labels->if_contains(key) : nullptr;
        if (!label || *label != value)
            return faults.invalid("spec.template.metadata.labels", labels ? json::value(*labels) : json::value(nullptr),
                                  "`selector` does not match template `labels`");
    }
}

void check_pod(const json::object &pod, const std::string &path, Faults &faults) {
    const json::array *containers = find_array(pod, "containers");
    if (!containers) return;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < containers->size(); ++i) {
        const json::value &each = (*containers)[i];
        const std::string_view name = each.is_object() ? find_text(each.get_object(), "name") : std::string_view();
        if (!name.empty() && !names.insert(name).second)
            faults.duplicate(path + ".containers[" + std::to_string(i) + "].name", json::string(name));
    }
}

void check_service(const json::object &object, Faults &faults) {
    const std::string_view type = find_text(object, "spec.type");
    const json::array *ports = find_array(object, "spec.ports");
    if ((!ports || ports->empty()) && type != "ExternalName" && find_text(object, "spec.clusterIP") != "None")
        faults.required("spec.ports");
    if (type == "ExternalName" && find_text(object, "spec.externalName").empty())
        faults.required("spec.externalName", "externalName is required when type is ExternalName");
    if (!ports) return;
    if (type.empty() || type == "ClusterIP")
        for (std::size_t i = 0; i < ports->size(); ++i)
            if (find_number((*ports)[i].as_object(), "nodePort", 0) != 0)
                faults.forbidden("spec.ports[" + std::to_string(i) + "].nodePort", "may not be used when `type` is 'ClusterIP'");
    if (ports->size() < 2) return;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < ports->size(); ++i) {
        const std::string path = "spec.ports[" + std::to_string(i) + "].name";
        const json::value &port = (*ports)[i];
        const std::string_view name = port.is_object() ? find_text(port.get_object(), "name") : std::string_view();
        if (name.empty())
            faults.required(path);
        else if (!names.insert(name).second)
            faults.duplicate(path, json::string(name));
    }
}

void check_definition(const json::object &object, const std::string &name, Faults &faults) {
    const std::string expected =
        std::string(find_text(object, "spec.names.plural")) + "." + std::string(find_text(object, "spec.group"));
    if (name != expected) faults.invalid("metadata.name", json::string(name), "must be spec.names.plural+\".\"+spec.group");
    if (const char *fault = fault_of_dns_subdomain(find_text(object, "spec.group")))
        faults.invalid("spec.group", json::string(find_text(object, "spec.group")), fault);
    const json::array *versions = find_array(object, "spec.versions");
    if (!versions || versions->empty()) {
        if (find_text(object, "apiVersion") == "apiextensions.k8s.io/v1" || find_text(object, "spec.version").empty())
            faults.required("spec.versions");
        return;
    }
    const auto stored = std::count_if(versions->begin(), versions->end(), [](const json::value &version) {
        const json::value *storage = version.is_object() ? version.get_object().if_contains("storage") : nullptr;
        return storage && storage->is_bool() && storage->get_bool();
    });
    if (stored != 1) faults.invalid("spec.versions", *versions, "must have exactly one version marked as storage version");
}

void check_unchanged(std::string_view path, const json::object &wanted, const json::object &held, Faults &faults) {
    const json::value *now = find(wanted, path);
    const json::value *before = find(held, path);
    if (now && before && *now != *before) faults.invalid(std::string(path), *now, "field is immutable");
}

// https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable, and the same for Secrets.
void check_frozen(const json::object &wanted, const json::object &held, Faults &faults) {
    const json::value *immutable = find(held, "immutable");
    if (!immutable || !immutable->is_bool() || !immutable->get_bool()) return;
    for (const char *path : {"data", "binaryData", "immutable"}) {
        const json::value *now = find(wanted, path);
        const json::value *before = find(held, path);
        if (!now != !before || (now && *now != *before)) faults.forbidden(path, "field is immutable when `immutable` is set");
    }
}

bool secret(const Kind &kind) { return kind.type.group.empty() && kind.type.kind == "Secret"; }

} // namespace

void validate(const json::object &object, const Kind &kind, const std::string &name) {
    Faults faults(!secret(kind));
    const std::string qualified = kind.qualified();
    check_metadata(object.at("metadata").as_object(), faults);
    for (const Rule &rule : shapes())
        if (rule.kind == qualified) apply_within(rule, rule.path, {}, object, faults);
    // The checks below look at several members and rely on the shape of each.
    faults.throw_if_any(qualified, name);

    if (const std::string path(pod_path(qualified)); !path.empty())
        if (const json::value *pod = find(object, path)) {
            for (const Rule &rule : pod_shapes()) apply(rule, rule.path, path, *pod, faults);
            if (pod->is_object()) check_pod(pod->get_object(), path, faults);
        }
    if (kind.type.group == "apps") check_selector(object, faults);
    if (qualified == "Service") check_service(object, faults);
    if (qualified == "CustomResourceDefinition.apiextensions.k8s.io") check_definition(object, name, faults);
    faults.throw_if_any(qualified, name);
}

void validate_change(const json::object &wanted, const json::object &held, const Kind &kind, const std::string &name) {
    Faults faults(!secret(kind));
    const std::string qualified = kind.qualified();
    for (const Immutable &rule : immutables())
        if (rule.kind == qualified) check_unchanged(rule.path, wanted, held, faults);
    if (qualified == "ConfigMap" || qualified == "Secret") check_frozen(wanted, held, faults);
    faults.throw_if_any(qualified, name);
}

} // namespace rsf::dryrun::simulator
