// SPDX-License-Identifier: Apache-2.0
#include "graph/identity.hpp"

#include <string_view>
#include <utility>

namespace rsf::graph {

namespace json = boost::json;

void take_text(const json::object &from, std::string_view key, json::object &to) {
    const json::value *value = from.if_contains(key);
    if (value && value->is_string()) to[key] = *value;
}

json::object identity_of(const json::object &properties) {
    json::object identity, metadata;
    take_text(properties, "apiVersion", identity);
    take_text(properties, "kind", identity);
    take_text(properties, "metadata", identity);
    if (const json::value *own = properties.if_contains("metadata"); own && own->is_object()) {
        take_text(own->get_object(), "name", metadata);
        take_text(own->get_object(), "namespace", metadata);
    }
    if (!metadata.empty()) identity["metadata"] = std::move(metadata);
    return identity;
}

} // namespace rsf::graph
