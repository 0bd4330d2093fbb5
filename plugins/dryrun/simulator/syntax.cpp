// SPDX-License-Identifier: Apache-2.0
#include "syntax.hpp"

#include <algorithm>

namespace rsf::dryrun::simulator {
namespace {

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool alphanumeric(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool word(std::string_view text) {
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool dns_label(std::string_view text) {
    return !text.empty() && lower_or_digit(text.front()) && lower_or_digit(text.back()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return lower_or_digit(c) || c == '-'; });
}

} // namespace

const char *fault_of_label_key(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view prefix = slash == std::string_view::npos ? std::string_view() : text.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
    if (slash != std::string_view::npos && fault_of_dns_subdomain(prefix))
        return "prefix part must be a lowercase RFC 1123 subdomain, as in 'example.com/name'";
    if (name.size() > 63) return "name part must be no more than 63 characters";
    if (!word(name))
        return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
               "character";
    return nullptr;
}

const char *fault_of_label_value(std::string_view text) {
    if (text.size() > 63) return "must be no more than 63 characters";
    if (!text.empty() && !word(text))
        return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
               "end with an alphanumeric character";
    return nullptr;
}

const char *fault_of_dns_label(std::string_view text) {
    if (text.size() > 63) return "must be no more than 63 characters";
    if (!dns_label(text))
        return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
               "with "
               "an alphanumeric character";
    return nullptr;
}

const char *fault_of_dns_subdomain(std::string_view text) {
    if (text.size() > 253) return "must be no more than 253 characters";
    for (std::string_view rest = text;;) {
        const auto dot = rest.find('.');
        if (!dns_label(rest.substr(0, dot)))
            return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                   "start "
                   "and end with an alphanumeric character";
        if (dot == std::string_view::npos) return nullptr;
        rest.remove_prefix(dot + 1);
    }
}

} // namespace rsf::dryrun::simulator
