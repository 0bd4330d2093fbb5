// SPDX-License-Identifier: Apache-2.0
#include "kubectl/text/argument.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes/names.hpp>

#include <algorithm>

namespace rsf::kubectl::text {

namespace {

constexpr std::string_view digits_and_letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

constexpr std::size_t most_of_type = 63 + 1 + 63 + 1 + 253; // NAME.VERSION.GROUP

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

std::string in_quotes(std::string_view word) { return json_text(json::value(json::string(word.data(), word.size()))); }

void check_type(std::string_view type) {
    if (type.empty()) refuse("The type is missing: say one, such as configmaps.");
    if (type.size() > most_of_type || !consists_of(type, "-.") || type.front() == '-' || type.front() == '.')
        refuse("The type " + in_quotes(type) +
               " is none: a type is one word of letters, digits, '-' and '.', such as cm, ConfigMap or deployments.v1.apps.");
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    if (lower == "all") refuse("The type \"all\" is several types at once: ask for each of them.");
}

void check_name(std::string_view name) {
    if (name.empty()) refuse("The name is missing: say whose object is meant.");
    const char *fault = kubernetes::fault_of_any_name(name);
    if (!fault && name.find_first_of(", ") != name.npos) fault = "a name has no space and no ','"; // several, for kubectl
    if (fault) refuse("The name " + in_quotes(name) + " can't be an object's: " + fault + ".");
}

void check_namespace(std::string_view ns, std::string_view what) {
    if (const char *fault = kubernetes::fault_of_namespace(ns))
        refuse(std::string(what) + " " + in_quotes(ns) + " can't be one: " + fault + ".");
}

void check_selector(std::string_view selector, std::string_view what) {
    if (selector.size() > 8192) refuse(std::string(what) + " is too long: it has at most 8192 characters.");
    if (has_control_character(selector))
        refuse(std::string(what) + " " + in_quotes(selector) + " holds a control character: remove it.");
}

} // namespace rsf::kubectl::text
