// SPDX-License-Identifier: Apache-2.0
#include "conventions.hpp"
#include "dryrun/objects/values.hpp"

#include <algorithm>

#include <string_view>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

// pattern: x is a hexadecimal digit, 9 a decimal one; any other character is itself.
bool has_form(std::string_view text, std::string_view pattern) {
    if (text.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool decimal = c >= '0' && c <= '9';
        if (pattern[i] == 'x' ? !(decimal || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
                              : (pattern[i] == '9' ? !decimal : c != pattern[i]))
            return false;
    }
    return true;
}

// Whether value has all members of asked. It may have more, which an apply leaves.
bool has_all(const json::value &value, const json::value &asked) {
    if (!asked.is_object() || !value.is_object()) return value == asked;
    return std::all_of(asked.get_object().begin(), asked.get_object().end(), [&](const auto &member) {
        const json::value *at = value.get_object().if_contains(member.key());
        return at && has_all(*at, member.value());
    });
}

} // namespace

bool is_kept_by_api_server(const json::object &object) {
    return !find_text(object, "apiVersion").empty() && !find_text(object, "kind").empty() &&
           has_form(find_text(object, "metadata.uid"), "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") &&
           has_form(find_text(object, "metadata.creationTimestamp"), "9999-99-99T99:99:99Z");
}

bool sets_status(const json::object &predicted, const json::object &posted) {
    const json::value *status = find(predicted, "status");
    if (!status) return false;
    if (!status->is_object()) return true;
    const json::value *asked = find(posted, "status");
    return asked && !(asked->is_object() && asked->get_object().empty()) && has_all(*status, *asked);
}

// A controller may write the status between the read and the dry run, which is no change by this write: only the members of the
// posted status are compared.
bool changes_status(const json::object &live, const json::object &predicted, const json::object &posted) {
    const json::value *held = find(live, "status");
    const json::value *status = find(predicted, "status");
    if (!status) return held != nullptr;
    if (!status->is_object() || (held && !held->is_object())) return true;
    if (!sets_status(predicted, posted) || (held && *held == *status)) return false;
    const json::value &asked = *find(posted, "status");
    return !held || asked == *status || !has_all(*held, asked);
}

} // namespace rsf::dryrun::planner
