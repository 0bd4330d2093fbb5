// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include "json_parts.hpp"

#include <resourcifier/kubernetes.hpp>

namespace rsf::kubectl {

std::string api_path(const json::object &live) {
    const json::object *metadata = object_at(live, "metadata");
    if (!metadata) return {};
    if (const std::string_view link = text_at(*metadata, "selfLink"); !link.empty()) return std::string(link);
    const std::string_view api_version = text_at(live, "apiVersion");
    const kubernetes::Kind *kind = kubernetes::find_kind(api_version, text_at(live, "kind"));
    const std::string_view name = text_at(*metadata, "name");
    const std::string_view ns = text_at(*metadata, "namespace");
    if (!kind || name.empty() || (kind->namespaced && ns.empty())) return {};
    std::string path = api_version.find('/') == api_version.npos ? "/api/" : "/apis/";
    path.append(api_version);
    if (kind->namespaced) path.append("/namespaces/").append(ns);
    return path.append("/").append(kind->plural).append("/").append(name);
}

} // namespace rsf::kubectl
