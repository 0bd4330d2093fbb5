// SPDX-License-Identifier: Apache-2.0
#include "graph/reference_value.hpp"

#include "parse/references.hpp"

namespace rsf::graph {

Result<boost::json::value> value_for(const boost::json::value &object, std::string_view path,
                                     const std::optional<std::string> &selflink) {
    Result<boost::json::value> own = parse::value_at(object, path);
    if (own || own.error().code != Code::not_found) return own;
    if (path == "name")
        if (Result<boost::json::value> name = parse::value_at(object, "metadata.name")) return name;
    if (path == "selfLink" && selflink && !selflink->empty()) return boost::json::value(*selflink);
    return own;
}

bool is_unknown_selflink(std::string_view path, const std::optional<std::string> &selflink) {
    return path == "selfLink" && !selflink;
}

} // namespace rsf::graph
