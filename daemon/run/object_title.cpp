// SPDX-License-Identifier: Apache-2.0
#include "run/object_title.hpp"

#include "base/text.hpp"
#include "parse/reference_text.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace rsf::run {

namespace {

struct Names {
    std::string_view kind, ns, name;
};

Names names_of(const parse::Resource &resource, std::string_view ns) {
    const boost::json::value *value = resource.properties.if_contains("metadata");
    const boost::json::object *metadata = value ? value->if_object() : nullptr;
    Names names{text_in(resource.properties, "kind"), metadata ? text_in(*metadata, "namespace") : std::string_view(),
                metadata ? text_in(*metadata, "name") : std::string_view()};
    if (names.kind.empty()) names.kind = resource.type;
    if (names.ns.empty()) names.ns = ns;
    if (names.name.empty()) names.name = resource.name;
    return names;
}

bool may_be_in_type(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool begins_with(std::string_view text, std::string_view beginning) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return text.size() >= beginning.size() && std::ranges::equal(text.substr(0, beginning.size()), beginning, {}, lower, lower);
}

// Whether a word before a quoted name names this kind: "configmaps", "networkpolicies.networking.k8s.io".
bool stands_for(std::string_view word, std::string_view kind) {
    if (word == "name") return true;
    const std::string_view stem = kind.substr(0, kind.size() - (kind.ends_with('y') ? 1 : 0));
    return !stem.empty() && begins_with(word, stem);
}

// Clusters name most objects by themselves: `deployments.apps "web" not found`.
bool names_object(std::string_view sentence, const Names &names) {
    for (const char quote : {'"', '\''}) {
        const std::string quoted = quote + std::string(names.name) + quote;
        for (std::size_t at = sentence.find(quoted); at != sentence.npos; at = sentence.find(quoted, at + 1)) {
            if (at == 0 || sentence[at - 1] != ' ') continue;
            std::size_t begin = at - 1;
            while (begin > 0 && may_be_in_type(sentence[begin - 1])) --begin;
            if (stands_for(sentence.substr(begin, at - 1 - begin), names.kind)) return true;
        }
    }
    return false;
}

std::string title_of(const Names &names) {
    std::string title = printable(names.kind, 100) + " ";
    if (!names.ns.empty()) title += printable(names.ns, 100) + "/";
    return title + printable(names.name, 100);
}

} // namespace

std::string_view text_in(const boost::json::object &object, std::string_view key) {
    const boost::json::value *value = object.if_contains(key);
    const boost::json::string *text = value ? value->if_string() : nullptr;
    return text && !parse::may_hold_reference(*text) ? std::string_view(*text) : std::string_view();
}

std::string object_title(const parse::Resource &resource, std::string_view ns) { return title_of(names_of(resource, ns)); }

void name_objects(std::vector<parse::Resource> &resources, std::string_view ns) {
    // A cluster's message leaves the namespace out, so that it does not tell objects of one kind and name apart.
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> bearers;
    for (const parse::Resource &resource : resources) {
        const Names names = names_of(resource, ns);
        ++bearers[{names.kind, names.name}];
    }
    for (parse::Resource &resource : resources) {
        if (!resource.state) continue;
        const Names names = names_of(resource, ns);
        const std::string title = title_of(names);
        const bool is_only_one = bearers[{names.kind, names.name}] == 1;
        for (std::string &sentence : resource.state->errors) {
            const bool is_own =
                resource.state->status == parse::Status::failed; // the errors of aborted ones are about another object
            const bool named = sentence.find(title) != sentence.npos || (is_own && is_only_one && names_object(sentence, names));
            if (!named) sentence.insert(0, title + ": ");
        }
    }
}

} // namespace rsf::run
