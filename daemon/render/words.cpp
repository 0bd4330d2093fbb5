// SPDX-License-Identifier: Apache-2.0
#include "render/words.hpp"

#include "base/text.hpp"
#include "parse/document.hpp"

#include <cctype>

namespace rsf::render {

namespace {

constexpr std::size_t longest_name = 256; // Kubernetes' longest is 253

std::string part_of(const boost::json::object &object, std::string_view key) {
    const boost::json::value *part = object.if_contains(key);
    return part && part->is_string() ? printable(std::string_view(part->get_string()), longest_name) : std::string();
}

bool looks_like_another_type(std::string_view text) {
    if (text.empty() || text == "true" || text == "false" || text == "null") return true;
    return std::isdigit(static_cast<unsigned char>(text[0])) || std::string_view("-+.{[\" ").find(text[0]) != text.npos;
}

} // namespace

char sign_of(Action action) {
    switch (action) {
    case Action::create: return '+';
    case Action::update: return '~';
    case Action::remove: return '-';
    case Action::unchanged: return '=';
    case Action::failed: break;
    }
    return '!';
}

std::string changes_in_words(const PlanSummary &summary) {
    std::string text;
    const auto add = [&](std::size_t count, std::string_view what) {
        if (count == 0) return;
        if (!text.empty()) text += ", ";
        text.append(std::to_string(count)).append(" to ").append(what);
    };
    add(summary.remove, "delete");
    add(summary.update, "update");
    add(summary.create, "create");
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string kind_of(const PlannedResource &resource) {
    const std::string kind = part_of(resource.object, "kind");
    return kind.empty() ? printable(resource.type, longest_name) : kind;
}

std::string namespace_of(const PlannedResource &resource) { return part_of(resource.object, "namespace"); }

std::string name_of(const PlannedResource &resource) {
    const std::string name = part_of(resource.object, "name");
    return name.empty() ? printable(resource.name, longest_name) : name;
}

std::string full_name_of(const PlannedResource &resource) {
    const std::string space = namespace_of(resource);
    return space.empty() ? name_of(resource) : space + "/" + name_of(resource);
}

std::string object_in_words(const boost::json::object &object) {
    const std::string space = part_of(object, "namespace");
    return part_of(object, "kind") + " " + (space.empty() ? "" : space + "/") + part_of(object, "name");
}

std::string value_text(const boost::json::value &value) {
    const boost::json::string *text = value.if_string();
    return text && !looks_like_another_type(*text) ? std::string(*text) : parse::write_json(value);
}

std::string value_in_words(const boost::json::value &value, std::size_t limit) { return printable(value_text(value), limit); }

std::vector<const PlannedResource *> by_urgency(const PlanDocument &plan) {
    std::vector<const PlannedResource *> found;
    for (const Action action : every_action)
        for (const PlannedResource &resource : plan.resources)
            if (action != Action::unchanged && resource.action == action) found.push_back(&resource);
    return found;
}

} // namespace rsf::render
