// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/definition_state.hpp"

#include "kubectl/text/json_parts.hpp"
#include "kubectl/text/well_formed.hpp"

#include <algorithm>

namespace rsf::kubectl::api {

namespace {

// Null: the definition does not have it.
const json::object *condition_of(const json::object &definition, std::string_view type) {
    const json::object *status = text::object_at(definition, "status");
    const json::array *conditions = status ? text::array_at(*status, "conditions") : nullptr;
    if (!conditions) return nullptr;
    const auto found = std::find_if(conditions->begin(), conditions->end(), [&](const json::value &each) {
        const json::object *object = each.if_object();
        return object && text::text_at(*object, "type") == type;
    });
    return found == conditions->end() ? nullptr : found->if_object();
}

} // namespace

bool is_in_force(const json::object &definition) {
    const json::object *established = condition_of(definition, "Established");
    if (established && text::text_at(*established, "status") == "True") return true;
    const json::object *accepted = condition_of(definition, "NamesAccepted");
    if (!accepted || text::text_at(*accepted, "status") != "False") return false;
    std::string why(text::text_at(*accepted, "message"));
    if (why.empty()) why = "its names are not accepted";
    const std::string_view reason = text::text_at(*accepted, "reason");
    throw Error(Code::conflict,
                "The cluster says: " + why + (reason.empty() ? "" : " (" + std::string(reason) + ")") +
                    ". Another definition of its group has that name: change it here or there.",
                Retry::never);
}

std::vector<std::string> api_versions_of(const json::object &definition) {
    std::vector<std::string> result;
    const json::object *spec = text::object_at(definition, "spec");
    if (!spec) return result;
    const auto add = [&](std::string_view version) {
        if (!version.empty()) result.push_back(std::string(text::text_at(*spec, "group")) + "/" + std::string(version));
    };
    add(text::text_at(*spec, "version")); // of v1beta1
    if (const json::array *versions = text::array_at(*spec, "versions"))
        for (const json::value &each : *versions)
            if (const json::object *version = each.if_object()) add(text::text_at(*version, "name"));
    return result;
}

} // namespace rsf::kubectl::api
