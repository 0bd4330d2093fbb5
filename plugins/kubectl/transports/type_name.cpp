// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/type_name.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes.hpp>
#include <resourcifier/kubernetes/names.hpp>

#include <optional>
#include <string>

namespace rsf::kubectl::transports {

namespace {

TypeName built_in_name(const kubernetes::Kind &kind, std::optional<bool> is_there) {
    return {std::string(kind.group), std::string(kind.kind), kind.namespaced, is_there};
}

} // namespace

TypeName type_name(const Call &call, api::Discovery &discovery, bool looks_up_built_in) {
    const json::object object = call.object_text().empty() ? json::object() : call.object();
    const std::string api_version(text::text_at(object, "apiVersion")), kind(text::text_at(object, "kind"));
    const bool is_named_by_object = !api_version.empty() && !kind.empty();
    const kubernetes::Kind *built_in =
        is_named_by_object ? kubernetes::find_kind(api_version, kind) : kubernetes::find_kind(call.type());
    if (built_in && !looks_up_built_in) return built_in_name(*built_in, std::nullopt);
    try {
        if (is_named_by_object && kubernetes::fault_of_api_version(api_version)) throw errors::unknown_kind(kind, api_version);
        if (!is_named_by_object) text::check_type(call.type());
        const api::ApiType type =
            is_named_by_object ? discovery.of_object(call, api_version, kind) : discovery.of_word(call, call.type());
        // A built-in kind that was in another group before has one name all the same.
        if (built_in && kubernetes::find_kind(type.api_version, type.kind) == built_in) return built_in_name(*built_in, true);
        return {std::string(kubernetes::split_api_version(type.api_version).group), type.kind, type.namespaced, true};
    } catch (const Error &error) {
        const bool is_absent = error.code == Code::not_found || error.code == Code::invalid;
        if (built_in) return built_in_name(*built_in, is_absent ? std::optional(false) : std::nullopt);
        if (is_absent) throw Error(Code::not_found, error.what(), error.retry);
        throw;
    }
}

} // namespace rsf::kubectl::transports
