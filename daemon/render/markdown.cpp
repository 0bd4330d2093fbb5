// SPDX-License-Identifier: Apache-2.0
#include "render/markdown.hpp"

#include "render/diff_cutting.hpp"
#include "render/markdown_text.hpp"
#include "render/words.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace rsf::render {

namespace {

constexpr std::size_t longest_prose = 400; // bytes
constexpr std::size_t longest_path = 200;
constexpr std::size_t most_of_messages = 12'000; // of errors, and of risks, together
constexpr std::size_t most_of_warnings = 4'000;
constexpr std::size_t room_for_notice = 400;
constexpr std::size_t shortest_diff = 800;

std::string kind_and_name(const PlannedResource &resource) {
    return markdown_prose(kind_of(resource), 64) + " " + markdown_code(full_name_of(resource), longest_path);
}

std::string verdict(const PlanDocument &plan, const PlanSummary &summary) {
    std::string loud = summary.failed == 0 ? "" : std::to_string(summary.failed) + " FAILED";
    if (const std::string changes = changes_in_words(summary); !changes.empty()) loud += (loud.empty() ? "" : ", ") + changes;
    if (loud.empty()) loud = "No changes";
    std::string line = (summary.failed == 0 ? "**" : ":x: **") + loud + "**, " + std::to_string(summary.unchanged) + " unchanged";
    if (summary.deferred != 0) line += ", " + std::to_string(summary.deferred) + " of these deferred";
    return line + ", on target " + markdown_code(plan.target, 100) + "\n";
}

// As many of the entries as space allows, and a line about those that it does not.
std::string list(const std::string &title, const std::vector<std::string> &entries, std::size_t space) {
    if (entries.empty()) return {};
    std::string text = "\n**" + title + "**\n\n";
    std::size_t used = length_of(text);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        used += length_of(entries[i]);
        if (used > space) return text + "- and " + std::to_string(entries.size() - i) + " more, left out here\n";
        text += entries[i];
    }
    return text;
}

std::string errors(const std::vector<const PlannedResource *> &resources) {
    std::vector<std::string> entries;
    for (const PlannedResource *resource : resources) {
        const std::string who = "- " + kind_and_name(*resource) + ": ";
        for (const std::string &error : resource->errors) entries.push_back(who + markdown_prose(error, longest_prose) + "\n");
        if (resource->errors.empty() && resource->action == Action::failed) entries.push_back(who + "no reason is known\n");
    }
    return list("Errors", entries, most_of_messages);
}

std::string risks(const PlanDocument &plan) {
    std::vector<std::string> entries;
    for (const PlannedResource &resource : plan.resources)
        for (const Risk &risk : resource.risks)
            entries.push_back("- " + kind_and_name(resource) +
                              (risk.path.empty() ? "" : ", " + markdown_code(risk.path, longest_path)) + ": " +
                              markdown_prose(risk.message, longest_prose) + "\n");
    return list("Risks", entries, most_of_messages);
}

std::string warnings(const PlanDocument &plan) {
    std::vector<std::string> entries;
    for (const PlannedResource &resource : plan.resources)
        for (const std::string &warning : resource.warnings)
            entries.push_back("- " + kind_and_name(resource) + ": " + markdown_prose(warning, longest_prose) + "\n");
    return list("Warnings", entries, most_of_warnings);
}

bool is_short(const std::optional<boost::json::value> &value) {
    return value && !value->is_structured() && (!value->is_string() || value->get_string().size() <= 24);
}

std::string fields(const std::vector<FieldChange> &changes) {
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, changes.size()); ++i) {
        const FieldChange &change = changes[i];
        text += (i == 0 ? "" : ", ") + markdown_code(change.path, 80);
        if (is_short(change.before) && is_short(change.after))
            text += " " + markdown_code(value_in_words(*change.before, 24), 32) + " → " +
                    markdown_code(value_in_words(*change.after, 24), 32);
        else if (!change.before && change.after)
            text += " added";
        else if (change.before && !change.after)
            text += " removed";
        if (!change.note.empty()) text += " (" + markdown_prose(change.note, 100) + ")";
    }
    if (changes.size() > most) text += ", and " + std::to_string(changes.size() - most) + " more";
    return text;
}

std::string some_of(const std::vector<std::string> &names, std::size_t longest) {
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
        text += (i == 0 ? "" : ", ") + markdown_code(names[i], longest);
    return names.size() > most ? text + ", and " + std::to_string(names.size() - most) + " more" : text;
}

std::string what_changes(const PlannedResource &resource) {
    switch (resource.action) {
    case Action::failed: {
        const std::string why = resource.errors.empty() ? "" : markdown_prose(resource.errors.front(), 100);
        return resource.left_behind.empty() ? why : why + "; left behind with it: " + some_of(resource.left_behind, 64);
    }
    case Action::create: return "new";
    case Action::remove: {
        std::vector<std::string> others;
        for (const boost::json::object &other : resource.takes_along) others.push_back(object_in_words(other));
        return others.empty() ? "goes" : "goes, and takes " + std::to_string(others.size()) + " along: " + some_of(others, 128);
    }
    default: return fields(resource.changes);
    }
}

std::string row(const PlannedResource &resource) {
    const bool loud = resource.action == Action::failed || resource.action == Action::remove;
    const std::string action(to_string(resource.action));
    return "| " + (loud ? "**" + action + "**" : action) + " | " + markdown_prose(kind_of(resource), 64) + " | " +
           markdown_code(full_name_of(resource), longest_path) + " | " + what_changes(resource) + " | " +
           std::string(to_string(resource.basis)) + " |\n";
}

std::string folded(const PlannedResource &resource, std::string_view diff) {
    // No markup is read inside a summary but HTML; its name can't be made of anything else, then.
    const std::string kind = markdown_prose(kind_of(resource), 64), name = markdown_code(full_name_of(resource), longest_path);
    const std::string in_html = name.starts_with('`') ? "<code>" + name.substr(1, name.size() - 2) + "</code>" : name;
    return "\n<details><summary>" + std::string(to_string(resource.action)) + " " + kind + " " + in_html + "</summary>\n\n" +
           markdown_fence("diff", diff) + "\n</details>\n";
}

struct Folded {
    std::string text;
    std::size_t cut = 0, left_out = 0;
};

// The diffs that space allows, most urgent first.
Folded diffs(const std::vector<const PlannedResource *> &resources, std::size_t space) {
    std::vector<const PlannedResource *> shown;
    std::vector<std::size_t> lengths; // of what each takes uncut
    for (const PlannedResource *resource : resources) {
        if (resource->diff.empty()) continue;
        shown.push_back(resource);
        lengths.push_back(length_of(folded(*resource, resource->diff)));
    }
    Folded result;
    // The most of them that are left with enough to be worth reading.
    const auto readable = [&](std::size_t count) {
        const std::span<const std::size_t> first(lengths.data(), count);
        return count == 0 || fair_share(first, space) >= std::min(shortest_diff, std::ranges::max(first));
    };
    std::size_t least = 0;
    for (std::size_t most = lengths.size(); least < most;) {
        const std::size_t middle = (least + most + 1) / 2;
        if (readable(middle))
            least = middle;
        else
            most = middle - 1;
    }
    lengths.resize(least);
    const std::size_t share = fair_share(lengths, space);
    result.left_out = shown.size() - lengths.size();
    shown.resize(lengths.size());
    for (const PlannedResource *resource : shown) {
        std::string text = folded(*resource, resource->diff);
        for (std::size_t length = share; length_of(text) > share; length = length * 3 / 4) {
            if (length == share) ++result.cut;
            text = length < 40 ? "" : folded(*resource, cut_diff(resource->diff, length));
        }
        result.text += text;
    }
    return result;
}

std::string notice(std::size_t rows, const Folded &diffs) {
    std::string text;
    const auto add = [&](std::size_t count, const std::string &what) {
        if (count != 0) text += (text.empty() ? "" : ", ") + what;
    };
    add(diffs.cut, "the middle of " + counted(diffs.cut, "diff"));
    add(diffs.left_out, counted(diffs.left_out, "whole diff"));
    add(rows, counted(rows, "row") + " of the table");
    return text.empty() ? text
                        : "\n**Left out to keep this short:** " + text + ". The plan as HTML, JSON or diff has everything.\n";
}

} // namespace

std::string markdown(const PlanDocument &plan) {
    const std::vector<const PlannedResource *> resources = by_urgency(plan);
    std::string text = verdict(plan, summary_of(plan)) + errors(resources) + risks(plan) + warnings(plan);
    const std::string colophon = "\n<sub>Plan to " + markdown_prose(plan.verb, 40) + ", made by " +
                                 markdown_prose(plan.driver_name, 100) + " " + markdown_prose(plan.driver_version, 100) + " at " +
                                 markdown_prose(plan.time, 40) + "</sub>\n";
    std::size_t space = longest_markdown - length_of(text) - length_of(colophon) - room_for_notice;

    std::string table = "\n| Action | Kind | Name | What changes | Basis |\n| --- | --- | --- | --- | --- |\n";
    std::size_t rows = 0;
    for (space -= length_of(table); rows < resources.size(); ++rows) {
        const std::string next = row(*resources[rows]);
        if (length_of(next) > space) break;
        table += next;
        space -= length_of(next);
    }
    const Folded shown = diffs(resources, space);
    if (rows != 0) text += table;
    return text + notice(resources.size() - rows, shown) + shown.text + colophon;
}

} // namespace rsf::render
