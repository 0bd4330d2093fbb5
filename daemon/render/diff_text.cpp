// SPDX-License-Identifier: Apache-2.0
#include "render/diff_text.hpp"

#include "base/text.hpp"
#include "render/words.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace rsf::render {

namespace {

constexpr std::size_t longest_part = 200; // file systems allow 255 bytes
constexpr std::size_t longest_message = 1000;

std::uint64_t hash_of(std::string_view text) { // FNV-1a
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string file_part(std::string_view text) {
    std::string part;
    char escaped[20];
    for (const char c : text) {
        const bool leads = part.empty() && (c == '.' || c == '_' || c == '-');
        if (is_plain(c) && !leads) {
            part += c;
        } else {
            std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
            part += escaped;
        }
    }
    if (part.size() > longest_part) {
        std::snprintf(escaped, sizeof escaped, "-%016llX", static_cast<unsigned long long>(hash_of(text)));
        part = part.substr(0, longest_part) + escaped;
    }
    return part.empty() ? "_" : part;
}

std::string_view text_at(const PlannedResource &resource, std::string_view key, std::string_view otherwise) {
    const boost::json::value *part = resource.object.if_contains(key);
    return part && part->is_string() && !part->get_string().empty() ? std::string_view(part->get_string()) : otherwise;
}

void add_comment(std::string &out, std::string_view text) { out += "# " + printable(text, longest_message) + "\n"; }

void add_resource(std::string &out, const PlannedResource &resource) {
    out += "diff --plan " + std::string(to_string(resource.action)) + " " + file_name_of(resource) + "\n";
    if (resource.action == Action::failed) {
        add_comment(out, "FAILED: " + kind_of(resource) + " " + full_name_of(resource) + " could not be planned");
        for (const std::string &error : resource.errors) add_comment(out, error);
    }
    if (resource.basis != Basis::server) {
        add_comment(out,
                    "basis: " + std::string(to_string(resource.basis)) + (resource.reason.empty() ? "" : ": " + resource.reason));
    }
    for (const FieldChange &change : resource.changes)
        if (!change.note.empty()) add_comment(out, "note: " + change.path + ": " + change.note);
    for (const Risk &risk : resource.risks)
        add_comment(out, "risk: " + (risk.path.empty() ? "" : risk.path + ": ") + risk.message);
    for (const std::string &warning : resource.warnings) add_comment(out, "warning: " + warning);
    constexpr std::size_t most = 20;
    const std::size_t along = resource.takes_along.size();
    for (std::size_t i = 0; i < std::min(most, along); ++i)
        add_comment(out, "takes along: " + object_in_words(resource.takes_along[i]));
    if (along > most) add_comment(out, "takes along: " + std::to_string(along - most) + " more");
    out += resource.diff;
    if (!resource.diff.empty() && resource.diff.back() != '\n') out += '\n';
}

} // namespace

std::string file_name_of(const PlannedResource &resource) {
    std::string kind = file_part(text_at(resource, "kind", resource.type));
    std::transform(kind.begin(), kind.end(), kind.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
    const std::string_view space = text_at(resource, "namespace", "");
    return (space.empty() ? "_cluster" : file_part(space)) + "/" + kind + "/" +
           file_part(text_at(resource, "name", resource.name)) + ".yaml";
}

std::string diff_text(const PlanDocument &plan) {
    const PlanSummary summary = summary_of(plan);
    std::string out;
    const std::string changes = changes_in_words(summary);
    add_comment(out, "Plan to " + plan.verb + " on " + plan.target + ": " +
                         (summary.failed == 0 ? "" : std::to_string(summary.failed) + " FAILED, ") +
                         (changes.empty() ? "no changes" : changes) + ", " + std::to_string(summary.unchanged) + " unchanged");
    for (const PlannedResource &resource : plan.resources)
        if (resource.action != Action::unchanged) add_resource(out, resource);
    return out;
}

} // namespace rsf::render
