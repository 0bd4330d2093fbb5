// SPDX-License-Identifier: Apache-2.0
#include "references.hpp"

#include "dryrun/objects/values.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <charconv>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

constexpr std::string_view opening = "$(ref.";

// The offset behind the quoted key at the front of text. A quote in the key is doubled.
std::size_t end_of_quoted(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] != '\'') continue;
        if (at + 1 == text.size() || text[at + 1] != '\'') return at + 1;
        ++at;
    }
    return text.size();
}

// The offset of the ')' that ends a reference; a quoted key may contain one. text begins behind the opening.
std::size_t end_of_reference(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == ')') return at;
        if (text[at] == '\'') at += end_of_quoted(text.substr(at)) - 1;
    }
    return text.npos;
}

// Removes the step at the front of path and returns it.
std::string take_step(std::string_view &path) {
    std::string step;
    if (path.starts_with("['")) {
        const std::size_t end = end_of_quoted(path.substr(1)) + 1;
        for (std::size_t at = 2; at + 1 < end; ++at) {
            step += path[at];
            if (path[at] == '\'') ++at;
        }
        path.remove_prefix(std::min(path.size(), end + 1));
        return step;
    }
    if (path.starts_with('.')) path.remove_prefix(1);
    const bool is_index = path.starts_with('[');
    const std::size_t end = std::min(path.size(), is_index ? path.find(']') : path.find_first_of(".["));
    step = path.substr(is_index ? 1 : 0, end - (is_index ? 1 : 0));
    path.remove_prefix(std::min(path.size(), end + (is_index ? 1 : 0)));
    return step;
}

const json::value *next(const json::value &value, const std::string &step) {
    if (const json::object *object = value.if_object()) return object->if_contains(step);
    const json::array *list = value.if_array();
    std::size_t index = 0;
    const char *end = step.data() + step.size();
    const auto read = std::from_chars(step.data(), end, index);
    return list && read.ec == std::errc() && read.ptr == end && index < list->size() ? &(*list)[index] : nullptr;
}

} // namespace

std::string filled_in(std::string_view text, const ReferenceValue &value_of) {
    std::string result;
    while (!text.empty()) {
        const std::size_t begin = std::min(text.find(opening), text.size());
        const bool is_escaped = begin > 0 && begin < text.size() && text[begin - 1] == '$';
        result += text.substr(0, begin - (is_escaped ? 1 : 0));
        text.remove_prefix(begin);
        if (text.empty()) break;
        const std::size_t length = end_of_reference(text.substr(opening.size()));
        if (is_escaped || length == text.npos) {
            result += opening;
            text.remove_prefix(opening.size());
            continue;
        }
        const std::string_view inside = text.substr(opening.size(), length);
        const std::size_t dot = std::min(inside.find('.'), inside.size());
        const auto value = value_of(inside.substr(0, dot), inside.substr(std::min(inside.size(), dot + 1)));
        const std::string_view whole = text.substr(0, opening.size() + length + 1);
        result += value ? *value : std::string(whole);
        text.remove_prefix(whole.size());
    }
    return result;
}

void fill_in(json::value &value, const ReferenceValue &value_of) {
    if (value.is_string() && has_reference(value.get_string())) value = filled_in(value.get_string(), value_of);
    if (json::array *list = value.if_array())
        for (json::value &each : *list) fill_in(each, value_of);
    if (json::object *object = value.if_object())
        for (auto &&[key, each] : *object) fill_in(each, value_of);
}

std::optional<std::string> text_at_path(const json::object &object, std::string_view path) {
    std::string_view rest = path;
    const json::value *value = object.if_contains(take_step(rest));
    while (value && !rest.empty()) value = next(*value, take_step(rest));
    if (!value && path == "name") value = find(object, "metadata.name");
    if (!value || value->is_structured() || value->is_null()) return std::nullopt;
    return value->is_string() ? std::string(value->get_string()) : json_text(*value);
}

} // namespace rsf::dryrun::planner
