// SPDX-License-Identifier: Apache-2.0
#include "argument.hpp"

#include <resourcifier/driver.hpp>

#include <algorithm>

namespace rsf::kubectl {

namespace {

constexpr std::string_view digits_and_letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

[[noreturn]] void refuse(const std::string &sentence) { throw Error(Code::invalid, sentence, Retry::never); }

bool consists_of(std::string_view word, std::string_view allowed_too) {
    return std::all_of(word.begin(), word.end(), [&](char c) {
        return digits_and_letters.find(c) != std::string_view::npos || allowed_too.find(c) != std::string_view::npos;
    });
}

bool has_control_character(std::string_view word) {
    return std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

} // namespace

std::string in_quotes(std::string_view word) {
    constexpr std::size_t most = 120;
    std::size_t end = std::min(word.size(), most);
    while (end < word.size() && end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80)
        --end; // not within a character
    return json::serialize(json::string(word.data(), end)) + (end < word.size() ? "…" : "");
}

void check_type(std::string_view type) {
    if (type.empty()) refuse("The type is missing: say one, such as configmaps.");
    if (type.size() > 317 || !consists_of(type, "-.") || type.front() == '-' || type.front() == '.')
        refuse("The type " + in_quotes(type) +
               " is none: a type is one word of letters, digits, '-' and '.', such as cm, ConfigMap or deployments.v1.apps.");
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    if (lower == "all") refuse("The type \"all\" is several types at once: ask for each of them.");
}

void check_name(std::string_view name) {
    if (name.empty()) refuse("The name is missing: say whose object is meant.");
    // The path segment rule of the API, without what kubectl or a person would read as something else.
    if (name.size() > 253 || name == "." || name == ".." || name.front() == '-' || has_control_character(name) ||
        name.find_first_of("/%, ") != name.npos)
        refuse("The name " + in_quotes(name) +
               " can't be an object's: a name has at most 253 characters, does not start with '-' and has no space, ',', '/' or "
               "'%'.");
}

void check_namespace(std::string_view ns, std::string_view what) {
    constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (ns.empty() || ns.size() > 63 || !consists_of(ns, "-") || ns.find_first_of(capitals) != ns.npos || ns.front() == '-' ||
        ns.back() == '-')
        refuse(std::string(what) + " " + in_quotes(ns) +
               " can't be one: it has 1 to 63 small letters, digits and '-', and starts and ends with a letter or digit.");
}

void check_selector(std::string_view selector, std::string_view what) {
    if (selector.size() > 8192) refuse(std::string(what) + " is too long: it has at most 8192 characters.");
    if (has_control_character(selector))
        refuse(std::string(what) + " " + in_quotes(selector) + " holds a control character: remove it.");
}

} // namespace rsf::kubectl
