// SPDX-License-Identifier: Apache-2.0
#include "context.hpp"

#include "json_parts.hpp"

namespace rsf::kubectl {

std::string context_namespace(std::string_view view, std::string_view context) {
    const json::object config = parse_object(view, "kubectl config view");
    if (context.empty()) context = text_at(config, "current-context");
    if (const json::array *contexts = array_at(config, "contexts"))
        for (const json::value &each : *contexts)
            if (const json::object *named = each.if_object(); named && text_at(*named, "name") == context)
                if (const json::object *found = object_at(*named, "context")) return std::string(text_at(*found, "namespace"));
    return {};
}

} // namespace rsf::kubectl
