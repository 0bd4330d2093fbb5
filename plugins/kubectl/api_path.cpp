// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include <resourcifier/kubernetes.hpp>

namespace rsf::kubectl {

namespace {

std::string_view text_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

} // namespace

std::string api_path(const json::object &live) {
    const json::value *metadata_value = live.if_contains("metadata");
    if (!metadata_value || !metadata_value->is_object()) return {};
    const json::object &metadata = metadata_value->get_object();
    if (const std::string_view link = text_at(metadata, "selfLink"); !link.empty()) return std::string(link);
    const std::string_view api_version = text_at(live, "apiVersion");
    const kubernetes::Kind *kind = kubernetes::find_kind(api_version, text_at(live, "kind"));
    const std::string_view name = text_at(metadata, "name");
    const std::string_view ns = text_at(metadata, "namespace");
    if (!kind || name.empty() || (kind->namespaced && ns.empty())) return {};
    std::string path = api_version.find('/') == api_version.npos ? "/api/" : "/apis/";
    path.append(api_version);
    if (kind->namespaced) path.append("/namespaces/").append(ns);
    return path.append("/").append(kind->plural).append("/").append(name);
}

} // namespace rsf::kubectl
