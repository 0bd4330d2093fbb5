// SPDX-License-Identifier: Apache-2.0
#include "masking/secret_marks.hpp"
#include "masking/json_members.hpp"

#include <algorithm>

namespace rsf::masking {
namespace {

using Path = std::vector<std::string>;
using Visitor = std::function<void(json::value &)>;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
    return result;
}

// The parts of a JSON Pointer.
Path parts_of(std::string_view pointer) {
    Path parts;
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            parts.emplace_back();
        } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
            parts.back() += pointer[++i] == '1' ? '/' : '~';
        } else {
            parts.back() += pointer[i];
        }
    }
    return parts;
}

void visit_below(json::value &value, const Path &path, std::size_t depth, const Visitor &visitor) {
    const bool is_here = depth >= path.size();
    const std::string any = "*";
    const std::string &part = is_here ? any : path[depth];
    if (json::object *object = value.if_object()) {
        for (auto &member : *object)
            if (part == any || part == member.key()) visit_below(member.value(), path, depth + 1, visitor);
    } else if (json::array *list = value.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i)
            if (part == any || part == std::to_string(i)) visit_below((*list)[i], path, depth + 1, visitor);
    } else if (is_here && !value.is_null()) {
        visitor(value);
    }
}

} // namespace

SecretMarks::SecretMarks(const json::array &described) {
    for (const json::value &entry : described)
        for (const json::value &type : entry.at("types").as_array())
            for (const json::value &path : entry.at("paths").as_array())
                marks_.push_back({lower(type.as_string()), parts_of(path.as_string())});
}

void SecretMarks::visit(std::string_view type, json::object &object, const Visitor &visitor) const {
    if (marks_.empty()) return;
    const std::string asked = lower(type), kind = lower(text_at(object, "kind"));
    for (const Mark &mark : marks_) {
        if (!mark.is_of(asked, kind)) continue;
        for (auto &member : object)
            if (mark.path[0] == "*" || mark.path[0] == member.key()) visit_below(member.value(), mark.path, 1, visitor);
    }
}

bool SecretMarks::has(std::string_view type, std::string_view kind) const {
    return std::any_of(marks_.begin(), marks_.end(),
                       [asked = lower(type), its_kind = lower(kind)](const Mark &mark) { return mark.is_of(asked, its_kind); });
}

} // namespace rsf::masking
