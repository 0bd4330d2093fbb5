// SPDX-License-Identifier: Apache-2.0
#include "list_pairs.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>

namespace rsf::dryrun::objects {
namespace {

constexpr std::size_t longest_table = 1000 * 1000; // of the common subsequence, in entries
constexpr std::size_t largest_gap =
    400; // up to which partners are sought by likeness: entries of one list times those of the other

// ---- keys of entries ----

// The fields that Kubernetes merges the entries of a list by. protocol is TCP where an entry has none.
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
constexpr const Keys &port_keys = known_keys[std::size(known_keys) - 1];

std::string quoted_if_odd(const json::value &value) {
    std::string text = value.is_string() ? std::string(value.get_string()) : json_text(value);
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

// "name=web"; empty: the entry does not have these keys.
std::string selector_of(const Keys &keys, const json::value &entry) {
    const json::object *object = entry.if_object();
    const json::value *field = object ? object->if_contains(keys.field) : nullptr;
    if (!field || !(field->is_string() || (field->is_number() && keys.field != "name"))) return {};
    std::string result = selector(keys.field, *field);
    if (keys.second.empty()) return result;
    const json::value *second = object->if_contains(keys.second);
    const bool is_given = second && second->is_string();
    if (!is_given && keys.second != "protocol") return {};
    return result + "," + std::string(keys.second) + "=" + (is_given ? quoted_if_odd(*second) : "TCP");
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

void add_in_order(Pairs &pairs, std::size_t before, std::size_t before_end, std::size_t after, std::size_t after_end) {
    for (; before < before_end && after < after_end; ++before, ++after)
        pairs.list.push_back({before, after, std::to_string(after)});
    for (; before < before_end; ++before) pairs.list.push_back({before, none, std::to_string(before)});
    for (; after < after_end; ++after) pairs.list.push_back({none, after, std::to_string(after)});
}

// How many members of both have the same value.
std::size_t likeness(const Place &place, const json::value &one, const json::value &other) {
    std::size_t count = 0;
    if (!one.is_object() || !other.is_object()) return count;
    for (const auto &[key, value] : one.get_object())
        if (const json::value *counterpart = other.get_object().if_contains(key))
            count += is_same(place.at(key), value, *counterpart) ? 1 : 0;
    return count;
}

// For each entry of few its partner in many: in the same order, with as many equal members as possible.
std::vector<std::size_t> partners(const Place &place, const json::array &few, std::size_t begin, std::size_t end,
                                  const json::array &many, std::size_t many_begin, std::size_t many_end) {
    const std::size_t rows = end - begin, columns = many_end - many_begin;
    // best[r][c]: the highest sum of likeness for the entries from r on, with partners from c on
    std::vector<std::vector<std::size_t>> best(rows + 1, std::vector<std::size_t>(columns + 1));
    std::vector<std::vector<bool>> takes(rows, std::vector<bool>(columns));
    for (std::size_t r = rows; r-- > 0;)
        for (std::size_t c = columns; c-- > 0;) {
            if (columns - c < rows - r) continue; // too few are left
            const std::size_t taken = best[r + 1][c + 1] + likeness(place, few[begin + r], many[many_begin + c]);
            takes[r][c] = columns - c == rows - r || taken >= best[r][c + 1];
            best[r][c] = takes[r][c] ? taken : best[r][c + 1];
        }
    std::vector<std::size_t> result;
    for (std::size_t c = 0; result.size() < rows; ++c)
        if (takes[result.size()][c]) result.push_back(many_begin + c);
    return result;
}

// A run of entries in both lists between two entries that are in both.
struct Gap {
    std::size_t before, before_end, after, after_end;
};

void add_gap(Pairs &pairs, const Place &place, const json::array &before, const json::array &after, Gap gap) {
    const std::size_t rows = gap.before_end - gap.before, columns = gap.after_end - gap.after;
    if (rows != columns && rows * columns > 0 && rows * columns <= largest_gap) {
        const bool more_after = rows < columns;
        const auto chosen = more_after ? partners(place, before, gap.before, gap.before_end, after, gap.after, gap.after_end)
                                       : partners(place, after, gap.after, gap.after_end, before, gap.before, gap.before_end);
        for (const std::size_t partner : chosen) {
            const std::size_t old_at = more_after ? gap.before : partner;
            const std::size_t new_at = more_after ? partner : gap.after;
            add_in_order(pairs, gap.before, old_at, gap.after, new_at);
            add_in_order(pairs, old_at, old_at + 1, new_at, new_at + 1);
            gap.before = old_at + 1;
            gap.after = new_at + 1;
        }
    }
    add_in_order(pairs, gap.before, gap.before_end, gap.after, gap.after_end);
}

// A number for each entry; entries of the same meaning have the same number.
std::vector<std::size_t> numbered(const Place &place, const json::array &list, Index &numbers) {
    std::vector<std::size_t> result;
    result.reserve(list.size());
    for (const json::value &entry : list) result.push_back(numbers.emplace(meaning(place, entry), numbers.size()).first->second);
    return result;
}

// length[r][c]: of the longest common subsequence of what begins at r in before and at c in after.
using Lengths = std::vector<std::vector<std::uint32_t>>;

Pairs paired_by_sequence(const Place &place, const json::array &before_list, const json::array &after_list) {
    Index numbers;
    const std::vector<std::size_t> before = numbered(place, before_list, numbers);
    const std::vector<std::size_t> after = numbered(place, after_list, numbers);
    std::size_t begin = 0, before_end = before.size(), after_end = after.size();
    Pairs pairs;
    for (; begin < before_end && begin < after_end && before[begin] == after[begin]; ++begin)
        add_in_order(pairs, begin, begin + 1, begin, begin + 1);
    while (before_end > begin && after_end > begin && before[before_end - 1] == after[after_end - 1]) --before_end, --after_end;

    const std::size_t rows = before_end - begin, columns = after_end - begin;
    std::size_t old_at = begin, new_at = begin;
    if (rows > 0 && columns > 0 && rows <= longest_table / columns) {
        Lengths length(rows + 1, std::vector<std::uint32_t>(columns + 1));
        for (std::size_t r = rows; r-- > 0;)
            for (std::size_t c = columns; c-- > 0;)
                length[r][c] = before[begin + r] == after[begin + c] ? length[r + 1][c + 1] + 1
                                                                     : std::max(length[r + 1][c], length[r][c + 1]);
        for (std::size_t r = 0, c = 0; r < rows && c < columns;) {
            if (before[begin + r] == after[begin + c]) {
                add_gap(pairs, place, before_list, after_list, {old_at, begin + r, new_at, begin + c});
                add_in_order(pairs, begin + r, begin + r + 1, begin + c, begin + c + 1);
                old_at = begin + ++r;
                new_at = begin + ++c;
            } else if (length[r + 1][c] >= length[r][c + 1]) {
                ++r;
            } else {
                ++c;
            }
        }
    }
    add_gap(pairs, place, before_list, after_list, {old_at, before_end, new_at, after_end});
    add_in_order(pairs, before_end, before.size(), after_end, after.size());
    return pairs;
}

} // namespace

std::string selector(std::string_view field, const json::value &value) { return std::string(field) + "=" + quoted_if_odd(value); }

Pairs paired(const Place &place, const json::array &before, const json::array &after) {
    for (const Keys &keys : known_keys) {
        if (!keys.list.empty() && keys.list != place.key) continue;
        if (std::optional<Pairs> pairs = paired_by(keys, before, after)) return std::move(*pairs);
    }
    return paired_by_sequence(place, before, after);
}

Pairs paired_for_apply(const Place &place, const json::array &before, const json::array &after) {
    if (place.key == port_keys.list)
        if (std::optional<Pairs> pairs = paired_by(port_keys, before, after)) return std::move(*pairs);
    return paired(place, before, after);
}

} // namespace rsf::dryrun::objects
