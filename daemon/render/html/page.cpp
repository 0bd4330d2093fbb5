// SPDX-License-Identifier: Apache-2.0
#include "render/html/page.hpp"

#include "render/html/graph.hpp"
#include "render/html/resource.hpp"
#include "render/html/script.hpp"
#include "render/html/style.hpp"
#include "render/html/text.hpp"
#include "render/words.hpp"

namespace rsf::render {

namespace {

std::string verdict(const PlanSummary &summary, std::string_view before_failed = {}, std::string_view after_failed = {}) {
    std::string text;
    if (summary.failed != 0)
        text.append(before_failed).append(std::to_string(summary.failed)).append(" failed").append(after_failed);
    if (const std::string changes = changes_in_words(summary); !changes.empty()) text += (text.empty() ? "" : ", ") + changes;
    return text.empty() ? "No changes" : text;
}

std::string head(const PlanDocument &plan, const PlanSummary &summary) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
           escaped(html_policy()) +
           "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
           escaped(verdict(summary)) + " on " + escaped(plan.target) + "</title>\n<style>" + std::string(html_style) +
           "</style>\n</head>\n";
}

std::string header(const PlanDocument &plan, const PlanSummary &summary) {
    std::string out = "<header><p class=\"quiet\">Plan to <strong>" + escaped(plan.verb) + "</strong> on target <strong>" +
                      escaped(plan.target) + "</strong></p>\n<h1>" + verdict(summary, "<span class=\"bad\">", "</span>") +
                      "</h1>\n<p class=\"quiet\">" + std::to_string(summary.unchanged) + " unchanged";
    if (summary.deferred != 0) out += ", " + std::to_string(summary.deferred) + " deferred";
    return out + ". Made by " + escaped(plan.driver_name) + " " + escaped(plan.driver_version) + " at <time>" +
           escaped(plan.time) + "</time>; nothing was changed by asking.</p></header>\n";
}

std::string point(const PlannedResource &resource, std::size_t number, const std::string &html) {
    return "<li><a href=\"#r-" + std::to_string(number) + "\">" + escaped(kind_of(resource)) + " " +
           escaped(full_name_of(resource)) + "</a> " + html + "</li>\n";
}

// Errors, then risks, then warnings, each with a link to its resource.
std::string attention(const PlanDocument &plan) {
    std::string errors, risks, warnings;
    for (std::size_t i = 0; i < plan.resources.size(); ++i) {
        const PlannedResource &resource = plan.resources[i];
        for (const std::string &error : resource.errors) errors += point(resource, i, escaped(error));
        if (resource.errors.empty() && resource.action == Action::failed) errors += point(resource, i, "No reason is known.");
        for (const Risk &risk : resource.risks)
            risks +=
                point(resource, i, (risk.path.empty() ? "" : "<code>" + escaped(risk.path) + "</code> ") + escaped(risk.message));
        for (const std::string &warning : resource.warnings) warnings += point(resource, i, escaped(warning));
    }
    std::string out;
    if (!errors.empty())
        out += "<section class=\"points bad\" aria-labelledby=\"errors\"><h2 id=\"errors\">Errors</h2><ul>\n" + errors +
               "</ul></section>\n";
    if (!risks.empty())
        out += "<section class=\"points careful\" aria-labelledby=\"risks\"><h2 id=\"risks\">Risks</h2><ul>\n" + risks +
               "</ul></section>\n";
    if (!warnings.empty())
        out += "<section class=\"points careful\" aria-labelledby=\"warnings\"><h2 id=\"warnings\">Warnings</h2><ul>\n" +
               warnings + "</ul></section>\n";
    return out;
}

std::string choice(std::string_view group, std::string_view id, bool chosen, const std::string &label) {
    const std::string name(id);
    return "<input type=\"radio\" name=\"" + std::string(group) + "\" id=\"" + name + "\"" + (chosen ? " checked" : "") +
           "><label for=\"" + name + "\">" + label + "</label>\n";
}

std::size_t count_of(const PlanSummary &summary, Action action) {
    switch (action) {
    case Action::create: return summary.create;
    case Action::update: return summary.update;
    case Action::remove: return summary.remove;
    case Action::unchanged: return summary.unchanged;
    case Action::failed: break;
    }
    return summary.failed;
}

// Changes alone are shown first, where there are any.
std::string toolbar(const PlanSummary &summary) {
    const auto counting = [](const std::string &label, std::size_t count) {
        return label + " <span class=\"count\">" + std::to_string(count) + "</span>";
    };
    const std::size_t urgent = summary.changes() + summary.failed, all = urgent + summary.unchanged;
    std::string out = "<form class=\"toolbar\"><fieldset class=\"show\"><legend>Show</legend>\n" +
                      choice("show", "show-all", urgent == 0, counting("all", all));
    if (urgent != 0) out += choice("show", "show-changes", true, counting("changes", urgent));
    for (const Action action : every_action)
        if (const std::size_t count = count_of(summary, action); count != 0) {
            const std::string word(to_string(action));
            out += choice("show", "show-" + word, false,
                          counting("<span class=\"sign " + word + "\">" + sign_of(action) + "</span> " + word, count));
        }
    return out + "</fieldset>\n<fieldset class=\"view\"><legend>Diffs</legend>\n" + choice("view", "view-one", true, "unified") +
           choice("view", "view-two", false, "side by side") +
           "</fieldset>\n<input type=\"search\" id=\"search\" placeholder=\"Search\" aria-label=\"Search the resources\" "
           "autocomplete=\"off\" hidden></form>\n";
}

} // namespace

std::string html_policy() {
    return "default-src 'none'; style-src 'sha256-" + std::string(html_style_hash) + "'; script-src 'sha256-" +
           std::string(html_script_hash) + "'; base-uri 'none'; form-action 'none'";
}

std::string html(const PlanDocument &plan) {
    const PlanSummary summary = summary_of(plan);
    const ResourceNumbers numbers = numbers_of(plan);
    std::string out = head(plan, summary) + "<body>\n" + header(plan, summary) + "<main>\n" + attention(plan) +
                      html_graph(plan, numbers) + "<section aria-labelledby=\"resources\"><h2 id=\"resources\">Resources</h2>\n" +
                      toolbar(summary) + "<div class=\"list\">\n";
    if (plan.resources.empty()) out += "<p class=\"quiet\">The configuration has no resources.</p>\n";
    for (std::size_t i = 0; i < plan.resources.size(); ++i) out += html_resource(plan.resources[i], i, numbers);
    return out + "</div>\n</section>\n</main>\n<script>" + std::string(html_script) + "</script>\n</body>\n</html>\n";
}

} // namespace rsf::render
