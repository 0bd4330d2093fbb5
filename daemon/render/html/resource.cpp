// SPDX-License-Identifier: Apache-2.0
#include "render/html/resource.hpp"

#include "render/html/diff.hpp"
#include "render/html/text.hpp"
#include "render/words.hpp"

#include <algorithm>
#include <optional>

namespace rsf::render {

namespace {

std::string code(std::string_view text) { return "<code>" + escaped(text) + "</code>"; }

std::string hints(const PlannedResource &resource) {
    std::string text;
    const auto add = [&](std::size_t count, std::string_view noun, std::string_view mark) {
        if (count != 0) text.append(" <span class=\"hint ").append(mark).append("\">") += counted(count, noun) + "</span>";
    };
    add(resource.errors.size(), "error", "bad");
    add(resource.risks.size(), "risk", "careful");
    add(resource.warnings.size(), "warning", "careful");
    if (resource.action == Action::update) add(resource.changes.size(), "field", "");
    if (resource.basis == Basis::deferred) text += " <span class=\"hint\">deferred</span>";
    return text;
}

std::string explained(Basis basis) {
    switch (basis) {
    case Basis::server: return "the cluster says so: it was asked for a dry run";
    case Basis::client: return "the planning driver merged it; the cluster may add to it or refuse it";
    case Basis::deferred: break;
    }
    return "the cluster could not be asked yet: it depends on what the same configuration makes first";
}

void add_fact(std::string &out, std::string_view term, const std::string &html) {
    out.append("<dt>").append(term).append("</dt><dd>") += html + "</dd>\n";
}

std::string links(const std::vector<std::string> &names, const ResourceNumbers &numbers) {
    std::string out;
    for (const std::string &name : names) {
        if (!out.empty()) out += ", ";
        const auto at = numbers.find(name);
        out += at == numbers.end() ? code(name) : "<a href=\"#r-" + std::to_string(at->second) + "\">" + code(name) + "</a>";
    }
    return out;
}

std::string taken_along(const PlannedResource &resource) {
    constexpr std::size_t most = 100;
    const std::size_t count = resource.takes_along.size();
    std::string out;
    for (std::size_t i = 0; i < std::min(most, count); ++i)
        out += (i == 0 ? "" : ", ") + code(object_in_words(resource.takes_along[i]));
    return count > most ? out + ", and " + std::to_string(count - most) + " more" : out;
}

std::string facts(const PlannedResource &resource, const ResourceNumbers &numbers) {
    std::string out = "<dl>\n";
    if (const auto *version = resource.object.if_contains("apiVersion"); version && version->is_string())
        add_fact(out, "Object",
                 code(std::string_view(version->get_string())) + " " + escaped(kind_of(resource)) + " " +
                     code(full_name_of(resource)));
    if (resource.name != name_of(resource)) add_fact(out, "Called", code(resource.name) + " in the configuration");
    add_fact(out, "Basis",
             "<strong>" + std::string(to_string(resource.basis)) +
                 "</strong>: " + (resource.reason.empty() ? explained(resource.basis) : escaped(resource.reason)));
    if (!resource.depends_on.empty()) add_fact(out, "Refers to", links(resource.depends_on, numbers));
    if (!resource.left_behind.empty()) add_fact(out, "Left behind", links(resource.left_behind, numbers));
    if (!resource.takes_along.empty()) add_fact(out, "Takes along", taken_along(resource));
    return out + "</dl>\n";
}

std::string value(const std::optional<boost::json::value> &value, std::string_view label) {
    const std::string head = "<td class=\"" + std::string(label) + "\" data-label=\"" + std::string(label) + "\">";
    if (!value) return head + "<span class=\"quiet\">not there</span></td>";
    return head + "<div class=\"value\">" + escaped(value_text(*value)) + "</div></td>";
}

std::string fields(const PlannedResource &resource) {
    if (resource.changes.empty()) return {};
    std::string out = "<h4>Fields</h4>\n<table class=\"fields\"><thead><tr><th scope=\"col\">Field</th>"
                      "<th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead><tbody>\n";
    for (const FieldChange &change : resource.changes)
        out += "<tr><th scope=\"row\">" + code(change.path) +
               (change.note.empty() ? "" : " <span class=\"quiet\">" + escaped(change.note) + "</span>") + "</th>" +
               value(change.before, "before") + value(change.after, "after") + "</tr>\n";
    return out + "</tbody></table>\n";
}

} // namespace

ResourceNumbers numbers_of(const PlanDocument &plan) {
    ResourceNumbers numbers;
    for (std::size_t i = 0; i < plan.resources.size(); ++i) numbers.try_emplace(plan.resources[i].name, i);
    return numbers;
}

std::string html_badge(Action action) {
    const std::string word(to_string(action));
    return "<span class=\"badge " + word + "\"><span class=\"sign\">" + sign_of(action) + "</span> " + word + "</span>";
}

std::string html_resource(const PlannedResource &resource, std::size_t number, const ResourceNumbers &numbers) {
    std::string out = "<article class=\"resource " + std::string(to_string(resource.action)) + "\" id=\"r-" +
                      std::to_string(number) + "\"><details" + (resource.action == Action::unchanged ? "" : " open") +
                      "><summary><h3>" + html_badge(resource.action) + " <span class=\"kind\">" + escaped(kind_of(resource)) +
                      "</span> <span class=\"name\">" + escaped(full_name_of(resource)) + "</span></h3>" + hints(resource) +
                      "</summary>\n<div class=\"body\">\n";
    for (const std::string &error : resource.errors)
        out += "<p class=\"call bad\"><strong>Error</strong> " + escaped(error) + "</p>\n";
    for (const Risk &risk : resource.risks)
        out += "<p class=\"call careful\"><strong>Risk</strong> " + (risk.path.empty() ? "" : code(risk.path) + " ") +
               escaped(risk.message) + "</p>\n";
    for (const std::string &warning : resource.warnings)
        out += "<p class=\"call careful\"><strong>Warning</strong> " + escaped(warning) + "</p>\n";
    out += facts(resource, numbers) + fields(resource);
    if (!resource.diff.empty()) out += "<h4>Diff</h4>\n" + html_diff(resource.diff) + "\n";
    return out + "</div></details></article>\n";
}

} // namespace rsf::render
