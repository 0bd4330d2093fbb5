// SPDX-License-Identifier: Apache-2.0
#include "masking/secret_values.hpp"

#include "masking/base64.hpp"
#include "masking/json_members.hpp"
#include "masking/plain_words.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <string>

namespace rsf::masking {

namespace {

using TextVisitor = std::function<void(std::string_view)>;

std::string in_small_letters(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return result;
}

std::string_view trimmed(std::string_view text, std::string_view what = " \t\r\n") {
    const std::size_t first = text.find_first_not_of(what);
    return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(what) - first + 1);
}

// Whether a key, or the name of a setting, says that its value is secret.
bool sounds_secret(std::string_view name) {
    constexpr std::string_view parts[] = {"password",    "passwd",      "passphrase", "pwd",     "secret",
                                          "token",       "apikey",      "api_key",    "api-key", "privatekey",
                                          "private_key", "private-key", "credential"};
    const std::string small = in_small_letters(name);
    return small == "auth" || small == "pass" ||
           std::any_of(std::begin(parts), std::end(parts), [&](std::string_view part) { return small.find(part) != small.npos; });
}

// A part counts as a value of its own only where it can be told from other text.
void visit_part(std::string_view part, const TextVisitor &visit) {
    if (part.size() >= shortest_searched && !is_plain_word(part)) visit(part);
}

// user:password, as base64 or not.
void visit_login(std::string_view text, const TextVisitor &visit) {
    std::string bytes;
    const std::string_view login = decode_base64(text, bytes) ? std::string_view(bytes) : text;
    if (const std::size_t colon = login.find(':'); colon != login.npos) visit_part(login.substr(colon + 1), visit);
}

void visit_json(const json::value &value, bool is_secret_here, const TextVisitor &visit) {
    if (value.is_string() && is_secret_here) {
        visit_part(value.get_string(), visit);
        visit_login(value.get_string(), visit);
    } else if (value.is_array()) {
        for (const json::value &entry : value.get_array()) visit_json(entry, is_secret_here, visit);
    } else if (value.is_object()) {
        for (const auto &member : value.get_object())
            visit_json(member.value(), is_secret_here || sounds_secret(member.key()), visit);
    }
}

// PASSWORD=x, "password: x"
void visit_lines(std::string_view text, const TextVisitor &visit) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t mark = line.find_first_of("=:");
        if (mark != line.npos && sounds_secret(trimmed(line.substr(0, mark), " \t\"'")))
            visit_part(trimmed(line.substr(mark + 1), " \t\r\"',"), visit);
    }
}

// scheme://user:password@host
void visit_urls(std::string_view text, const TextVisitor &visit) {
    for (std::size_t at = text.find("://"); at != text.npos; at = text.find("://", at + 3)) {
        const std::string_view authority = text.substr(at + 3, text.find_first_of("/?# \t\r\n\"'", at + 3) - at - 3);
        const std::size_t host = authority.rfind('@'), colon = authority.find(':');
        if (host != authority.npos && colon < host) visit_part(authority.substr(colon + 1, host - colon - 1), visit);
    }
}

// null where text is no JSON.
json::value parsed(std::string_view text) {
    boost::system::error_code failed;
    return json_value(text, failed, 64);
}

// The value of an entry of data (base64) or stringData, which may be of any type before it is checked.
void visit_entry(const json::value &value, bool is_base64, const TextVisitor &visit) {
    if (value.is_null()) return;
    if (const json::object *object = value.if_object()) {
        for (const auto &member : *object) visit_entry(member.value(), is_base64, visit);
    } else if (const json::array *list = value.if_array()) {
        for (const json::value &entry : *list) visit_entry(entry, is_base64, visit);
    } else if (value.is_string()) {
        const std::string_view text = value.get_string();
        std::string bytes;
        each_secret_part(is_base64 && decode_base64(text, bytes) ? std::string_view(bytes) : text, visit);
    } else {
        visit(json_text(value));
    }
}

void visit_below(const json::value &value, bool in_secrets, const TextVisitor &visit);

// Of a field that no Secret has: whether its values are base64 is not known.
void visit_unknown(const json::value &value, const TextVisitor &visit) {
    for (const bool is_base64 : {true, false}) visit_entry(value, is_base64, visit);
}

void visit_secret(const json::object &secret, const TextVisitor &visit) {
    for (const auto &member : secret) {
        if (member.key() == "data" || member.key() == "stringData")
            visit_entry(member.value(), member.key() == "data", visit);
        else if (!is_public_in_secret(member.key()))
            visit_unknown(member.value(), visit);
    }
    const json::value *metadata = secret.if_contains("metadata");
    if (!metadata || !metadata->is_object()) return;
    for (const auto &member : metadata->get_object())
        if (!is_public_in_metadata(member.key())) visit_unknown(member.value(), visit);
    const json::value *annotations = metadata->get_object().if_contains("annotations");
    if (!annotations || !annotations->is_object()) return;
    // kubectl.kubernetes.io/last-applied-configuration and its like hold what was applied before.
    for (const auto &member : annotations->get_object())
        if (const json::string *text = member.value().if_string(); text && text->starts_with('{'))
            visit_below(parsed(*text), true, visit);
}

// in_secrets: an object that doesn't say its kind is a Secret.
void visit_below(const json::value &value, bool in_secrets, const TextVisitor &visit) {
    if (const json::array *list = value.if_array()) {
        for (const json::value &entry : *list) visit_below(entry, in_secrets, visit);
    } else if (const json::object *object = value.if_object()) {
        if (is_secret(*object, in_secrets ? "Secret" : "")) return visit_secret(*object, visit);
        const bool lists_secrets = in_small_letters(text_at(*object, "kind")) == "secretlist";
        for (const auto &member : *object) visit_below(member.value(), lists_secrets && member.key() == "items", visit);
    }
}

// Clusters refuse most versions of a Secret; what was meant to be one is secret all the same.
bool is_of_another_group(std::string_view api_version) {
    return api_version.find('/') != api_version.npos && !api_version.starts_with("core/") && !has_reference(api_version);
}

} // namespace

bool has_reference(std::string_view text) { return text.find("$(ref.") != text.npos; }

bool is_secret(const json::object &object, std::string_view type) {
    const std::string kind = in_small_letters(text_at(object, "kind")), version = in_small_letters(text_at(object, "apiVersion"));
    if (is_of_another_group(version)) return false;
    if (!kind.empty()) return kind == "secret" || kind == "secrets" || has_reference(kind);
    const std::string word = in_small_letters(type);
    const std::string_view name = std::string_view(word).substr(0, word.find('.'));
    const std::string_view rest = std::string_view(word).substr(name.size());
    return (name == "secret" || name == "secrets") && (rest.empty() || rest.find('.', 1) >= rest.size() - 1);
}

bool is_public_in_secret(std::string_view key) {
    constexpr std::string_view known[] = {"apiVersion", "kind", "metadata", "type", "immutable"};
    return std::find(std::begin(known), std::end(known), key) != std::end(known);
}

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
bool is_public_in_metadata(std::string_view key) {
    constexpr std::string_view known[] = {"name",
                                          "generateName",
                                          "namespace",
                                          "labels",
                                          "annotations",
                                          "finalizers",
                                          "ownerReferences",
                                          "managedFields",
                                          "creationTimestamp",
                                          "deletionTimestamp",
                                          "deletionGracePeriodSeconds",
                                          "generation",
                                          "resourceVersion",
                                          "selfLink",
                                          "uid",
                                          "clusterName"};
    return std::find(std::begin(known), std::end(known), key) != std::end(known);
}

void each_secret(const json::object &object, std::string_view type, const TextVisitor &visit) {
    if (is_secret(object, type)) return visit_secret(object, visit);
    visit_below(object, false, visit);
}

void each_secret_part(std::string_view text, const TextVisitor &visit) {
    visit(text);
    const std::string_view inner = trimmed(text);
    if (inner.starts_with('{') || inner.starts_with('[')) visit_json(parsed(inner), false, visit);
    visit_lines(text, visit);
    visit_urls(text, visit);
}

} // namespace rsf::masking
