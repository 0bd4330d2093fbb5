// SPDX-License-Identifier: Apache-2.0
#include "review_lists.hpp"
#include "review_quantity.hpp"
#include "values.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace rsf::dryrun {
namespace {

constexpr std::size_t longest_table = 500 * 500; // of the common subsequence, in entries

template <class Names> bool is_one_of(const Names &names, std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Members of these are quantities.
constexpr std::string_view quantity_maps[] = {"limits",
                                              "requests",
                                              "capacity",
                                              "hard",
                                              "used",
                                              "min",
                                              "max",
                                              "default",
                                              "overhead",
                                              "podFixed",
                                              "storage",
                                              "defaultRequest",
                                              "maxLimitRequestRatio",
                                              "allocatable"};

constexpr std::string_view quantity_fields[] = {"sizeLimit",    "storage",  "divisor",
                                                "averageValue", "capacity", "maximumVolumeSize"};

constexpr std::string_view plain_maps[] = {"data",     "binaryData",  "stringData",   "annotations", "labels",
                                           "selector", "matchLabels", "nodeSelector", "parameters",  "openAPIV3Schema"};

bool is_quantity(const Place &place) {
    if (place.plain) return false;
    return is_one_of(quantity_fields, place.key) || is_one_of(quantity_maps, place.holder) ||
           (place.holder == "target" && place.key == "value"); // of a HorizontalPodAutoscaler's metric
}

bool is_scalar(const json::value &value) { return !value.is_object() && !value.is_array(); }

std::size_t count_members(const json::object &object) {
    return static_cast<std::size_t>(
        std::count_if(object.begin(), object.end(), [](const auto &member) { return !member.value().is_null(); }));
}

bool is_same_object(const Place &place, const json::object &before, const json::object &after) {
    if (count_members(before) != count_members(after)) return false;
    for (const auto &[key, value] : before) {
        if (value.is_null()) continue;
        const json::value *other = after.if_contains(key);
        if (!other || !is_same(place.at(key), value, *other)) return false;
    }
    return true;
}

// ---- keys of entries ----

// What Kubernetes merges a list's entries by, where that is not the name. protocol is TCP where it is not said.
struct Keys {
    std::string_view list, field, second;
};

constexpr Keys known_keys[] = {{"ports", "containerPort", "protocol"},
                               {"volumeMounts", "mountPath", ""},
                               {"volumeDevices", "devicePath", ""},
                               {"hostAliases", "ip", ""},
                               {"topologySpreadConstraints", "topologyKey", "whenUnsatisfiable"},
                               {"ownerReferences", "uid", ""},
                               {"conditions", "type", ""},
                               {"", "name", ""},
                               {"ports", "port", "protocol"}};

std::string quoted_if_odd(const json::value &value) {
    std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c > ' ' && c != 0x7f && std::string_view("[]',=\\").find(static_cast<char>(c)) == std::string_view::npos;
    });
    if (is_plain) return text;
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

// "name=web", or empty: entry is not told by these keys.
std::string selector_of(const Keys &keys, const json::value &entry) {
    const json::object *object = entry.if_object();
    const json::value *field = object ? object->if_contains(keys.field) : nullptr;
    if (!field || !(field->is_string() || (field->is_number() && keys.field != "name"))) return {};
    std::string result = selector(keys.field, *field);
    if (keys.second.empty()) return result;
    const json::value *second = object->if_contains(keys.second);
    const bool is_said = second && second->is_string();
    if (!is_said && keys.second != "protocol") return {};
    return result + "," + std::string(keys.second) + "=" + (is_said ? quoted_if_odd(*second) : "TCP");
}

using Index = std::unordered_map<std::string, std::size_t>;

std::optional<Index> index_of(const Keys &keys, const json::array &list, std::vector<std::string> &selectors) {
    Index index;
    selectors.clear();
    for (std::size_t i = 0; i < list.size(); ++i) {
        selectors.push_back(selector_of(keys, list[i]));
        if (selectors.back().empty() || !index.emplace(selectors.back(), i).second) return {};
    }
    return index;
}

std::optional<Pairs> paired_by(const Keys &keys, const json::array &before, const json::array &after) {
    std::vector<std::string> old_selectors, new_selectors;
    const std::optional<Index> old_index = index_of(keys, before, old_selectors);
    const std::optional<Index> new_index = old_index ? index_of(keys, after, new_selectors) : std::nullopt;
    if (!new_index) return {};
    Pairs pairs;
    pairs.keyed = true;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (!new_index->count(old_selectors[i])) pairs.list.push_back({i, none, old_selectors[i]});
    std::size_t last = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const auto found = old_index->find(new_selectors[i]);
        pairs.list.push_back({found == old_index->end() ? none : found->second, i, new_selectors[i]});
        if (found == old_index->end()) continue;
        pairs.reordered = pairs.reordered || found->second < last;
        last = found->second;
    }
    return pairs;
}

// ---- entries without keys ----

void add_gap(Pairs &pairs, std::size_t before, std::size_t before_end, std::size_t after, std::size_t after_end) {
    for (; before < before_end && after < after_end; ++before, ++after)
        pairs.list.push_back({before, after, std::to_string(after)});
    for (; before < before_end; ++before) pairs.list.push_back({before, none, std::to_string(before)});
    for (; after < after_end; ++after) pairs.list.push_back({none, after, std::to_string(after)});
}

Pairs paired_by_sequence(const Place &place, const json::array &before, const json::array &after) {
    std::size_t begin = 0;
    std::size_t before_end = before.size(), after_end = after.size();
    Pairs pairs;
    for (; begin < before_end && begin < after_end && is_same(place, before[begin], after[begin]); ++begin)
        add_gap(pairs, begin, begin + 1, begin, begin + 1);
    while (before_end > begin && after_end > begin && is_same(place, before[before_end - 1], after[after_end - 1]))
        --before_end, --after_end;

    const std::size_t rows = before_end - begin, columns = after_end - begin;
    std::size_t old_at = begin, new_at = begin;
    if (rows > 0 && columns > 0 && rows * columns <= longest_table) {
        // length[r][c]: of the longest common subsequence of what begins at r and c
        std::vector<std::vector<std::size_t>> length(rows + 1, std::vector<std::size_t>(columns + 1));
        std::vector<std::vector<bool>> same(rows, std::vector<bool>(columns));
        for (std::size_t r = rows; r-- > 0;)
            for (std::size_t c = columns; c-- > 0;) {
                same[r][c] = is_same(place, before[begin + r], after[begin + c]);
                length[r][c] = same[r][c] ? length[r + 1][c + 1] + 1 : std::max(length[r + 1][c], length[r][c + 1]);
            }
        for (std::size_t r = 0, c = 0; r < rows && c < columns;) {
            if (same[r][c]) {
                add_gap(pairs, old_at, begin + r, new_at, begin + c);
                add_gap(pairs, begin + r, begin + r + 1, begin + c, begin + c + 1);
                old_at = begin + ++r;
                new_at = begin + ++c;
            } else if (length[r + 1][c] >= length[r][c + 1]) {
                ++r;
            } else {
                ++c;
            }
        }
    }
    add_gap(pairs, old_at, before_end, new_at, after_end);
    add_gap(pairs, before_end, before.size(), after_end, after.size());
    return pairs;
}

} // namespace

Place Place::at(std::string_view member) const { return {member, key, plain || is_one_of(plain_maps, member)}; }

bool is_same(const Place &place, const json::value &before, const json::value &after) {
    if (before.is_object() && after.is_object()) return is_same_object(place, before.get_object(), after.get_object());
    if (before.is_array() && after.is_array()) {
        const json::array &a = before.get_array();
        const json::array &b = after.get_array();
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [&](const json::value &one, const json::value &other) { return is_same(place, one, other); });
    }
    if (before == after) return true;
    if (before.is_number() && after.is_number()) return Quantity::of(before) == Quantity::of(after) && Quantity::of(before);
    if (!is_scalar(before) || !is_scalar(after) || !is_quantity(place)) return false;
    const std::optional<Quantity> quantity = Quantity::of(before);
    return quantity && quantity == Quantity::of(after);
}

std::string selector(std::string_view field, const json::value &value) { return std::string(field) + "=" + quoted_if_odd(value); }

Pairs paired(const Place &place, const json::array &before, const json::array &after) {
    for (const Keys &keys : known_keys) {
        if (!keys.list.empty() && keys.list != place.key) continue;
        if (std::optional<Pairs> pairs = paired_by(keys, before, after)) return std::move(*pairs);
    }
    return paired_by_sequence(place, before, after);
}

} // namespace rsf::dryrun
