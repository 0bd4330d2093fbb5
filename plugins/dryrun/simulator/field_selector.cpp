// SPDX-License-Identifier: Apache-2.0
#include "dryrun/objects/values.hpp"
#include "selector.hpp"

#include <resourcifier/driver.hpp>

#include <algorithm>

namespace rsf::dryrun::simulator {

using namespace objects;
using namespace storage;

namespace {

struct Selectable {
    std::string_view group, kind;
    std::string_view path;
    std::string_view absent; // the value of an object without the field
};

// In addition to metadata.name and metadata.namespace, which every kind has. Source:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields
constexpr Selectable selectable[] = {
    {"", "Pod", "spec.nodeName", ""},
    {"", "Pod", "spec.restartPolicy", "Always"},
    {"", "Pod", "spec.schedulerName", "default-scheduler"},
    {"", "Pod", "spec.serviceAccountName", "default"},
    {"", "Pod", "spec.hostNetwork", "false"},
    {"", "Pod", "status.phase", ""},
    {"", "Pod", "status.podIP", ""},
    {"", "Pod", "status.nominatedNodeName", ""},
    {"", "Secret", "type", "Opaque"},
    {"", "Namespace", "status.phase", ""},
    {"", "Node", "spec.unschedulable", "false"},
    {"", "Service", "spec.clusterIP", ""},
    {"", "Service", "spec.type", "ClusterIP"},
    {"", "ReplicationController", "status.replicas", "0"},
    {"apps", "ReplicaSet", "status.replicas", "0"},
    {"certificates.k8s.io", "CertificateSigningRequest", "spec.signerName", ""},
    {"", "Event", "involvedObject.kind", ""},
    {"", "Event", "involvedObject.name", ""},
    {"", "Event", "involvedObject.namespace", ""},
    {"", "Event", "involvedObject.uid", ""},
    {"", "Event", "reason", ""},
    {"", "Event", "type", ""},
};

const Selectable *find_selectable(const GroupKind &type, std::string_view path) {
    const auto found = std::find_if(std::begin(selectable), std::end(selectable), [&](const Selectable &row) {
        return row.group == type.group && row.kind == type.kind && row.path == path;
    });
    return found == std::end(selectable) ? nullptr : found;
}

[[noreturn]] void fail(std::string_view text, const std::string &why) {
    throw Error(Code::invalid, "unable to parse the field selector \"" + std::string(text) + "\": " + why, Retry::never);
}

// Cuts at commas, except those after a backslash.
std::vector<std::string_view> terms_of(std::string_view text) {
    std::vector<std::string_view> terms;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i + 1 < text.size() && text[i] == '\\') {
            ++i;
        } else if (i >= text.size() || text[i] == ',') {
            terms.push_back(text.substr(start, std::min(i, text.size()) - start));
            start = i + 1;
        }
    }
    return terms;
}

std::string unescaped(std::string_view text, std::string_view value) {
    std::string plain;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\') {
            if (++i == value.size() || std::string_view("\\,=").find(value[i]) == std::string_view::npos)
                fail(text, "a backslash stands only before a comma, an equals sign or a backslash");
        } else if (value[i] == '=') {
            fail(text, "an equals sign within a value is written \\=");
        }
        plain += value[i];
    }
    return plain;
}

std::string field_of(const json::object &object, std::string_view path, std::string_view absent) {
    const json::object *at = &object;
    for (std::string_view rest = path;;) {
        const auto dot = rest.find('.');
        const json::value *value = at->if_contains(rest.substr(0, dot));
        if (!value || value->is_null()) return std::string(absent);
        if (dot == std::string_view::npos) return value->is_string() ? std::string(value->get_string()) : json_text(*value);
        if (!value->is_object()) return std::string(absent);
        at = &value->get_object();
        rest.remove_prefix(dot + 1);
    }
}

} // namespace

FieldSelector::FieldSelector(std::string_view text, const GroupKind &type, std::string_view plural) {
    for (const std::string_view term : terms_of(text)) {
        if (term.empty()) continue;
        const auto sign = term.find('=');
        if (sign == std::string_view::npos) fail(text, "\"" + std::string(term) + "\" has no =, == or !=");
        const bool unequal = sign > 0 && term[sign - 1] == '!';
        const std::string path(term.substr(0, unequal ? sign - 1 : sign));
        const bool doubled = !unequal && sign + 1 < term.size() && term[sign + 1] == '=';
        if (path != "metadata.name" && path != "metadata.namespace" && !find_selectable(type, path)) {
            std::string known = "metadata.name, metadata.namespace";
            for (const Selectable &row : selectable)
                if (row.group == type.group && row.kind == type.kind) known += ", " + std::string(row.path);
            throw Error(Code::invalid,
                        "field label not supported: " + path + "; " + std::string(plural) + " can be selected by " + known,
                        Retry::never);
        }
        requirements_.push_back({path, unescaped(text, term.substr(sign + (doubled ? 2 : 1))), !unequal});
    }
}

bool FieldSelector::matches(const Entry &entry) const {
    json::value parsed; // only if a requirement needs more than the key
    return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement &wanted) {
        if (wanted.path == "metadata.name") return (entry.key.name == wanted.value) == wanted.equal;
        if (wanted.path == "metadata.namespace") return (entry.key.ns == wanted.value) == wanted.equal;
        if (parsed.is_null()) parsed = json_value(entry.record->text, deepest_object);
        const std::string found =
            field_of(parsed.get_object(), wanted.path, find_selectable(entry.key.type, wanted.path)->absent);
        return (found == wanted.value) == wanted.equal;
    });
}

} // namespace rsf::dryrun::simulator
