// SPDX-License-Identifier: Apache-2.0
#include "origin_text.hpp"

#include <limits>
#include <utility>

namespace rsf::dryrun::storage {
namespace {

constexpr const char *member = "x-resourcifier-written";
constexpr std::size_t longest_operation = 256;

json::value value_of(const Step &step) {
    if (!step.is_known()) return nullptr;
    return json::array{step.operation, step.step};
}

json::object value_of(const Origin &origin) { return {{"made", value_of(origin.made)}, {"last", value_of(origin.last)}}; }

std::optional<Step> read_step(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    if (!value || value->is_null()) return Step{};
    const json::array *parts = value->if_array();
    if (!parts || parts->size() != 2 || !(*parts)[0].is_string() || !(*parts)[1].is_int64()) return std::nullopt;
    const json::string &operation = (*parts)[0].get_string();
    const std::int64_t step = (*parts)[1].get_int64();
    if (operation.size() > longest_operation || step < 0 || step > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return Step{std::string(operation), static_cast<std::uint32_t>(step)};
}

std::optional<Origin> read_origin(const json::value &value) {
    const json::object *object = value.if_object();
    if (!object) return std::nullopt;
    std::optional<Step> made = read_step(*object, "made"), last = read_step(*object, "last");
    if (!made || !last) return std::nullopt;
    return Origin{*std::move(made), *std::move(last)};
}

std::string suffix_of(const Origin &origin) { return std::string(",\"") + member + "\":" + json_text(value_of(origin)) + "}"; }

std::optional<std::string> read_text(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    if (!value || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

} // namespace

std::string with_origin(std::string_view text, const Origin &origin) {
    if ((!origin.made.is_known() && !origin.last.is_known()) || !text.ends_with('}')) return std::string(text);
    return std::string(text.substr(0, text.size() - 1)) + suffix_of(origin);
}

Origin take_origin(json::object &object, std::string &text) {
    const json::value *found = object.if_contains(member);
    std::optional<Origin> origin = found ? read_origin(*found) : std::nullopt;
    if (!origin) return {};
    object.stable_erase(member);
    const std::string suffix = suffix_of(*origin);
    if (std::string_view(text).ends_with(suffix))
        text.replace(text.size() - suffix.size(), suffix.size(), "}");
    else
        text = json_text(object); // the file was edited
    return *std::move(origin);
}

std::string text_of(const std::vector<Deletion> &deletions) {
    json::array list;
    for (const Deletion &each : deletions) {
        json::object entry = value_of(each.origin);
        entry["file"] = each.file;
        entry["uid"] = each.uid;
        entry["by"] = value_of(each.by);
        list.push_back(std::move(entry));
    }
    return json_text(json::object{{"deletions", std::move(list)}}) + "\n";
}

std::optional<std::vector<Deletion>> read_deletions(std::string_view text) {
    boost::system::error_code failed;
    const json::value parsed = json_value(text, failed);
    const json::object *whole = failed ? nullptr : parsed.if_object();
    const json::value *list = whole ? whole->if_contains("deletions") : nullptr;
    if (!list || !list->is_array()) return std::nullopt;
    std::vector<Deletion> deletions;
    for (const json::value &each : list->get_array()) {
        const json::object *entry = each.if_object();
        std::optional<Origin> origin = read_origin(each);
        if (!entry || !origin) return std::nullopt;
        std::optional<std::string> file = read_text(*entry, "file"), uid = read_text(*entry, "uid");
        std::optional<Step> by = read_step(*entry, "by");
        if (!file || !uid || !by) return std::nullopt;
        deletions.push_back({*std::move(file), *std::move(uid), *std::move(origin), *std::move(by)});
    }
    return deletions;
}

} // namespace rsf::dryrun::storage
