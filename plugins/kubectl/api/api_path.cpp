// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/api_path.hpp"

#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>

namespace rsf::kubectl::api {

namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void check(const char *fault, std::string_view what, std::string_view word) {
    if (fault)
        throw Error(Code::invalid, "The " + std::string(what) + " " + text::in_quotes(word) + " can't be one: " + fault + ".",
                    Retry::never);
}

// Segments of plain characters below /api or /apis, the last of them name.
bool is_link_of(std::string_view link, std::string_view name) {
    if (!link.starts_with("/api/") && !link.starts_with("/apis/")) return false;
    if (!link.ends_with(name) || link.substr(0, link.size() - name.size()).back() != '/') return false;
    const bool is_plain = std::all_of(link.begin(), link.end(), [](char c) { return is_unreserved(c) || c == '/' || c == ':'; });
    return is_plain && link.find("//") == link.npos && link.find("/.") == link.npos;
}

} // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c))
            result += c;
        else
            result.append({'%', hex[byte >> 4U], hex[byte & 15U]});
    }
    return result;
}

std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string_view>> query) {
    char mark = path.find('?') == path.npos ? '?' : '&';
    for (const auto &[name, value] : query) {
        if (value.empty()) continue;
        path.append(1, mark).append(name).append("=").append(percent_encoded(value));
        mark = '&';
    }
    return path;
}

std::string group_path(std::string_view api_version) {
    check(kubernetes::fault_of_api_version(api_version), "apiVersion", api_version);
    return (api_version.find('/') == api_version.npos ? "/api/" : "/apis/") + std::string(api_version);
}

std::string resource_path(std::string_view api_version, std::string_view plural, std::string_view ns, std::string_view name) {
    std::string path = group_path(api_version);
    if (!ns.empty()) {
        check(kubernetes::fault_of_namespace(ns), "namespace", ns);
        path.append("/namespaces/").append(ns);
    }
    check(kubernetes::fault_of_plural(plural), "plural", plural);
    path.append("/").append(plural);
    if (name.empty()) return path;
    check(kubernetes::fault_of_any_name(name), "name", name);
    return path.append("/").append(percent_encoded(name));
}

std::string api_path(const json::object &live) {
    const std::string_view name = text::metadata_text(live, "name");
    if (kubernetes::fault_of_any_name(name)) return {};
    if (const std::string_view link = text::metadata_text(live, "selfLink"); is_link_of(link, name)) return std::string(link);
    const std::string_view api_version = text::text_at(live, "apiVersion");
    const kubernetes::Kind *kind = kubernetes::find_kind(api_version, text::text_at(live, "kind"));
    const std::string_view ns = text::metadata_text(live, "namespace");
    if (!kind || kubernetes::fault_of_api_version(api_version)) return {};
    if (kind->namespaced && kubernetes::fault_of_namespace(ns)) return {};
    return resource_path(api_version, kind->plural, kind->namespaced ? ns : std::string_view{}, name);
}

} // namespace rsf::kubectl::api
