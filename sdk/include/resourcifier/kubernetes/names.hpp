// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/names.hpp: what the words may be made of that name a type or an object of Kubernetes: they become parts of paths,
// headers, command lines and file names, so they are checked before they go anywhere, whoever said them: a client or a server.
// Header-only C++17, needs no library. Pure; everything is thread-safe.
// Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/, and what the API server holds a
// CustomResourceDefinition and an APIService to (spec.group, spec.names, spec.version).
#ifndef RESOURCIFIER_KUBERNETES_NAMES_HPP
#define RESOURCIFIER_KUBERNETES_NAMES_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::kubernetes {

namespace detail {

constexpr bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_small_letter(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_small_alphanumeric(char c) { return is_small_letter(c) || is_digit(c); }

// Small letters, digits and '-', which neither begins nor ends it (RFC 1123).
inline bool is_label(std::string_view text) {
    if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
    for (const char c : text)
        if (!is_small_alphanumeric(c) && c != '-') return false;
    return true;
}

// A label that begins with a letter (RFC 1035).
inline bool is_letter_label(std::string_view text) { return is_label(text) && is_small_letter(text.front()); }

// What API servers ask of every name, whatever its kind.
inline bool is_path_segment(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find_first_of("/%") == name.npos;
}

} // namespace detail

// Each returns what is wrong, as a clause that ends a sentence ("a version has ..."), or nullptr.

// "apps", "rbac.authorization.k8s.io". The core group's name is empty, which is none here.
inline const char *fault_of_group(std::string_view group) {
    constexpr const char *fault =
        "a group has 1 to 253 small letters, digits, '-' and '.', and each of its parts starts and ends "
        "with a letter or digit";
    if (group.size() > 253) return fault;
    for (;;) {
        const std::size_t dot = group.find('.');
        if (!detail::is_label(group.substr(0, dot))) return fault;
        if (dot == group.npos) return nullptr;
        group.remove_prefix(dot + 1);
    }
}

// "v1", "v1beta1".
inline const char *fault_of_version(std::string_view version) {
    if (detail::is_letter_label(version)) return nullptr;
    return "a version has 1 to 63 small letters, digits and '-', starts with a letter and ends with a letter or digit";
}

// "v1", "apps/v1".
inline const char *fault_of_api_version(std::string_view api_version) {
    const std::size_t slash = api_version.find('/');
    if (slash == api_version.npos) return fault_of_version(api_version);
    if (const char *fault = fault_of_group(api_version.substr(0, slash))) return fault;
    return fault_of_version(api_version.substr(slash + 1));
}

// "Deployment".
inline const char *fault_of_kind(std::string_view kind) {
    constexpr const char *fault =
        "a kind has 1 to 63 letters, digits and '-', starts with a letter and ends with a letter or digit";
    if (kind.empty() || kind.size() > 63 || !detail::is_letter(kind.front()) || kind.back() == '-') return fault;
    for (const char c : kind)
        if (!detail::is_letter(c) && !detail::is_digit(c) && c != '-') return fault;
    return nullptr;
}

// "deployments", as it stands in a path.
inline const char *fault_of_plural(std::string_view plural) {
    if (detail::is_letter_label(plural)) return nullptr;
    return "a plural has 1 to 63 small letters, digits and '-', starts with a letter and ends with a letter or digit";
}

inline const char *fault_of_namespace(std::string_view ns) {
    if (detail::is_label(ns)) return nullptr;
    return "a namespace has 1 to 63 small letters, digits and '-', and starts and ends with a letter or digit";
}

// What holds for the name of any object: the API server's path segment rule (RBAC's names have colons), and nothing that a
// program could take for a flag. Many kinds are held to more.
inline const char *fault_of_any_name(std::string_view name) {
    if (name.empty() || name.size() > 253) return "a name has 1 to 253 characters";
    if (name.front() == '-') return "a name can't start with '-'";
    if (!detail::is_path_segment(name)) return "a name is not \".\" or \"..\" and has no '/' or '%'";
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name has no control characters";
    return nullptr;
}

// A key as programs written in Go match it to a field: in any case, and U+017F (long s) is an s, U+212A (kelvin sign) a k
// (https://pkg.go.dev/encoding/json#Unmarshal). kubectl sees a list in what has "Items".
inline std::string folded_key(std::string_view key) {
    std::string result;
    while (!key.empty()) {
        constexpr std::string_view long_s = "\xC5\xBF", kelvin_sign = "\xE2\x84\xAA";
        if (key.substr(0, long_s.size()) == long_s) {
            result += 's';
            key.remove_prefix(long_s.size());
        } else if (key.substr(0, kelvin_sign.size()) == kelvin_sign) {
            result += 'k';
            key.remove_prefix(kelvin_sign.size());
        } else {
            const char c = key.front();
            result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            key.remove_prefix(1);
        }
    }
    return result;
}

} // namespace rsf::kubernetes

#endif
