// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/schemas.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes/kinds.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace rsf::kubectl::api {

namespace {

using namespace std::chrono_literals;

constexpr int checks_by_itself = 25; // the minor version from which on a cluster does
constexpr auto settled = 10s;        // /openapi/v2 is large: not asked for more often because of what it lacks
constexpr auto settled_definition = 2s;
constexpr std::string_view of_all = "io.k8s.apimachinery.pkg.apis.meta.v1."; // definitions of what all kinds share

// Whether FieldCheck::complete could find anything to do: most objects need not wait for /openapi/v2.
bool may_lack_something(const json::value &value) {
    if (const json::array *list = value.if_array())
        return std::any_of(list->begin(), list->end(), [](const json::value &each) {
            const json::object *entry = each.if_object();
            const bool is_port = entry && (entry->contains("port") || entry->contains("containerPort"));
            return (is_port && !entry->contains("protocol")) || may_lack_something(each);
        });
    if (const json::object *object = value.if_object())
        return std::any_of(object->begin(), object->end(), [](const auto &member) { return may_lack_something(member.value()); });
    return value.is_number();
}

const json::object *version_of(const json::object &spec, std::string_view name) {
    const json::array *versions = text::array_at(spec, "versions");
    if (versions)
        for (const json::value &each : *versions)
            if (const json::object *version = each.if_object(); version && text::text_at(*version, "name") == name)
                return version;
    return nullptr;
}

// What /openapi/v2 would say of the version, or nothing.
json::object openapi_of(const json::object &definition, const Schemas::Kind &kind, json::object definitions) {
    const json::object *spec = text::object_at(definition, "spec");
    if (!spec || text::is_true_at(*spec, "preserveUnknownFields")) return {};
    const kubernetes::GroupVersion of = kubernetes::split_api_version(kind.api_version);
    const json::object *version = version_of(*spec, of.version);
    const json::object *schema = version ? text::object_at(*version, "schema") : nullptr;
    schema = schema ? text::object_at(*schema, "openAPIV3Schema") : nullptr;
    if (!schema) return {};
    json::object described = *schema;
    if (json::value *properties = described.if_contains("properties"); properties && properties->is_object()) {
        for (const char *name : {"apiVersion", "kind"}) properties->get_object()[name] = json::object{};
        properties->get_object()["metadata"] = json::object{{"$ref", "#/definitions/" + std::string(of_all) + "ObjectMeta"}};
    }
    described["x-kubernetes-group-version-kind"] =
        json::array{json::object{{"group", of.group}, {"version", of.version}, {"kind", kind.kind}}};
    definitions["custom"] = std::move(described);
    return {{"definitions", std::move(definitions)}};
}

[[noreturn]] void refuse_field(const Schemas::Kind &kind, const std::string &field) {
    throw Error(
        Code::invalid,
        "The cluster refuses it: " + std::string(kind.kind) + " has no such field: unknown field " + text::in_quotes(field) + ".",
        Retry::never, {}, json::object{{"causes", json::array{json::object{{"field", field}, {"message", "unknown field"}}}}});
}

} // namespace

Schemas::Schemas(Fetch fetch, Warn warn, Clock clock)
    : fetch_(std::move(fetch)), warn_(std::move(warn)), clock_(std::move(clock)) {}

void Schemas::check(const Call &call, const Kind &kind, const json::object &object) {
    std::string field;
    for (const bool again : {false, true}) {
        const Check all = described(call, again);
        if (!all) return;
        const bool is_custom = !kubernetes::find_kind(kind.api_version, kind.kind);
        Check one = is_custom ? defined(call, kind, again) : nullptr;
        if (!one) one = all;
        field = one->unknown_field(kind.api_version, kind.kind, object);
        if (field.empty() && (one != all || !is_custom || all->knows(kind.api_version, kind.kind))) return;
    }
    if (!field.empty()) refuse_field(kind, field); // empty: not described at all
}

void Schemas::check_defined(const Call &call, const Kind &kind, const json::object &object) {
    if (!described(call, false)) return;
    std::string field;
    for (const bool again : {false, true}) {
        const Check one = defined(call, kind, again);
        if (!one || !one->knows(kind.api_version, kind.kind)) return;
        field = one->unknown_field(kind.api_version, kind.kind, object);
        if (field.empty()) return;
    }
    refuse_field(kind, field);
}

bool Schemas::knows_fields(const Call &call, const Kind &kind, const json::object &object) {
    const Check all = described(call, false);
    if (!all) return false;
    const Check one = kubernetes::find_kind(kind.api_version, kind.kind) ? all : defined(call, kind, true);
    return one && one->knows(kind.api_version, kind.kind) && one->unknown_field(kind.api_version, kind.kind, object).empty();
}

void Schemas::complete(const Call &call, const Kind &kind, json::object &object) {
    if (!kubernetes::find_kind(kind.api_version, kind.kind)) return; // custom kinds have no quantities
    if (std::none_of(object.begin(), object.end(), [](const auto &member) { return may_lack_something(member.value()); })) return;
    try {
        if (const Check all = described(call, false)) all->complete(kind.api_version, kind.kind, object);
    } catch (const Error &) { // the apply itself says what is wrong
    }
}

void Schemas::forget_custom() {
    const shared::Lock lock(mutex_);
    defined_.clear();
}

bool Schemas::has_lately(const Known &known, std::chrono::seconds time) const {
    return known.since != std::chrono::steady_clock::time_point() && clock_() - known.since < time;
}

Schemas::Check Schemas::described(const Call &call, bool again) {
    const auto known = [&]() -> std::optional<Check> {
        const shared::Lock lock(mutex_);
        const bool is_loaded = described_.since != std::chrono::steady_clock::time_point();
        if (is_loaded && (!again || !described_.check || has_lately(described_, settled))) return described_.check;
        return std::nullopt;
    };
    if (const std::optional<Check> found = known()) return *found;
    const shared::Lock loading(loading_);
    if (const std::optional<Check> found = known()) return *found;
    Check check = load(call);
    const shared::Lock lock(mutex_);
    described_ = {check, clock_()};
    return check;
}

// Throws when the cluster could not be asked; then the next call does.
Schemas::Check Schemas::load(const Call &call) {
    try {
        const json::object version = text::parse_object(fetch_(call, "/version"), "kubectl");
        const std::string_view minor = text::text_at(version, "minor"); // "20", "27+"
        int number = 0;
        std::from_chars(minor.data(), minor.data() + minor.size(), number);
        if (text::text_at(version, "major") != "1" || number >= checks_by_itself) return nullptr;
        const json::object openapi = text::parse_object(fetch_(call, "/openapi/v2"), "kubectl");
        json::object common;
        if (const json::object *definitions = text::object_at(openapi, "definitions"))
            for (const auto &[name, definition] : *definitions)
                if (name.starts_with(of_all)) common[name] = definition;
        auto check = std::make_shared<const FieldCheck>(openapi);
        const shared::Lock lock(mutex_);
        common_ = std::move(common);
        return check;
    } catch (const Error &error) {
        if (error.code != Code::forbidden && error.code != Code::not_found) throw;
        warn_(call, std::string("Objects are not checked for unknown fields: ") + error.what());
        return nullptr;
    }
}

Schemas::Check Schemas::defined(const Call &call, const Kind &kind, bool again) {
    const kubernetes::GroupVersion of = kubernetes::split_api_version(kind.api_version);
    if (kind.plural.empty() || of.group.empty()) return nullptr;
    const std::string name = std::string(kind.plural) + "." + std::string(of.group);
    const std::string key = name + " " + std::string(of.version);
    json::object common;
    {
        const shared::Lock lock(mutex_);
        const auto found = defined_.find(key);
        if (found != defined_.end() && !again && has_lately(found->second, settled_definition)) return found->second.check;
        common = common_;
    }
    Check check;
    try {
        const std::string path = resource_path("apiextensions.k8s.io/v1", "customresourcedefinitions", {}, name);
        const json::object openapi = openapi_of(text::parse_object(fetch_(call, path), "kubectl"), kind, std::move(common));
        check = std::make_shared<const FieldCheck>(openapi); // of nothing it says nothing
    } catch (const Error &error) {
        if (error.code != Code::forbidden && error.code != Code::not_found) throw;
    }
    const shared::Lock lock(mutex_);
    defined_[key] = {check, clock_()};
    return check;
}

} // namespace rsf::kubectl::api
