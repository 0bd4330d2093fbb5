// SPDX-License-Identifier: Apache-2.0
#include "changes.hpp"
#include "dryrun/objects/list_pairs.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

void add_change(json::array &changes, const std::string &path, const json::value *before, const json::value *after) {
    json::object change{{"path", path}};
    if (before) change["before"] = *before;
    if (after) change["after"] = *after;
    changes.emplace_back(std::move(change));
}

constexpr std::string_view same_quantity = "the same quantity, written otherwise";

// Null counts as absent in Kubernetes.
const json::value *member_of(const Place &place, const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && (place.foreign || !value->is_null()) ? value : nullptr;
}

bool is_plain_list(const json::array &list) {
    return std::none_of(list.begin(), list.end(), [](const json::value &entry) { return entry.is_object() || entry.is_array(); });
}

// "web" of "name=web", else "port=80,protocol=TCP".
json::string shown(std::string_view selector) {
    constexpr std::string_view name = "name=";
    if (selector.substr(0, name.size()) == name) selector.remove_prefix(name.size());
    return json::string(selector);
}

class Comparison {
  public:
    explicit Comparison(json::array &changes) : changes_(changes) {}

    void compare(const std::string &path, const Place &place, const json::value &before, const json::value &after) {
        if (before.is_object() && after.is_object())
            compare_objects(path, place, before.get_object(), after.get_object());
        else if (before.is_array() && after.is_array())
            compare_lists(path, place, before, after);
        else
            compare_whole(path, place, before, after);
    }

  private:
    void compare_whole(const std::string &path, const Place &place, const json::value &before, const json::value &after) {
        if (is_equal(place, before, after)) return;
        add_change(changes_, path, &before, &after);
        if (is_same(place, before, after)) changes_.back().as_object()["note"] = same_quantity;
    }

    void compare_objects(const std::string &path, const Place &place, const json::object &before, const json::object &after) {
        std::vector<std::string_view> keys;
        for (const auto &[key, value] : before) keys.push_back(key);
        for (const auto &[key, value] : after)
            if (!before.contains(key)) keys.push_back(key);
        std::sort(keys.begin(), keys.end());
        for (const std::string_view key : keys) {
            const json::value *one = member_of(place, before, key);
            const json::value *other = member_of(place, after, key);
            if (one && other)
                compare(path_of_key(path, key), place.at(key), *one, *other);
            else if (one || other)
                add_change(changes_, path_of_key(path, key), one, other);
        }
    }

    void compare_lists(const std::string &path, const Place &place, const json::value &before, const json::value &after) {
        const json::array &old_list = before.get_array();
        const json::array &new_list = after.get_array();
        if (is_plain_list(old_list) && is_plain_list(new_list)) return compare_whole(path, place, before, after);
        const Pairs pairs = paired(place, old_list, new_list);
        if (pairs.reordered) add_order(path, pairs);
        for (const Pair &pair : pairs.list) {
            const std::string entry = path + "[" + pair.selector + "]";
            if (pair.before != none && pair.after != none)
                compare(entry, place, old_list[pair.before], new_list[pair.after]);
            else
                add_change(changes_, entry, pair.before == none ? nullptr : &old_list[pair.before],
                           pair.after == none ? nullptr : &new_list[pair.after]);
        }
    }

    void add_order(const std::string &path, const Pairs &pairs) {
        std::vector<const Pair *> list;
        for (const Pair &pair : pairs.list)
            if (pair.before != none && pair.after != none) list.push_back(&pair);
        json::value after = keys_of(list);
        std::sort(list.begin(), list.end(), [](const Pair *one, const Pair *other) { return one->before < other->before; });
        const json::value before = keys_of(list);
        add_change(changes_, path, &before, &after);
    }

    static json::array keys_of(const std::vector<const Pair *> &list) {
        json::array keys;
        for (const Pair *pair : list) keys.emplace_back(shown(pair->selector));
        return keys;
    }

    json::array &changes_;
};

Place place_of_whole(Conventions conventions) {
    Place place;
    place.foreign = conventions == Conventions::foreign;
    return place;
}

void keep_spelling(const Place &place, const json::value &before, json::value &after) {
    if (before.is_object() && after.is_object()) {
        const json::object &one = before.get_object();
        json::object &other = after.get_object();
        for (const auto &[key, value] : one) {
            json::value *counterpart = other.if_contains(key);
            if (counterpart && (place.foreign || !counterpart->is_null()))
                keep_spelling(place.at(key), value, *counterpart);
            else if (!place.foreign && value.is_null())
                other[key] = nullptr;
        }
        if (place.foreign) return;
        std::vector<std::string> added_nulls;
        for (const auto &[key, value] : other)
            if (value.is_null() && !one.contains(key)) added_nulls.emplace_back(key);
        for (const std::string &key : added_nulls) other.stable_erase(key);
    } else if (before.is_array() && after.is_array()) {
        for (const Pair &pair : paired(place, before.get_array(), after.get_array()).list)
            if (pair.before != none && pair.after != none)
                keep_spelling(place, before.get_array()[pair.before], after.get_array()[pair.after]);
    } else if (is_equal(place, before, after)) {
        after = before;
    }
}

} // namespace

json::array changes(const json::value &before, const json::value &after, Conventions conventions) {
    json::array result;
    Comparison(result).compare({}, place_of_whole(conventions), before, after);
    return result;
}

json::value spelled_as(const json::value &before, json::value after, Conventions conventions) {
    keep_spelling(place_of_whole(conventions), before, after);
    return after;
}

std::string path_of_key(const std::string &path, std::string_view key) {
    const bool is_word =
        !key.empty() && (key.front() < '0' || key.front() > '9') && std::all_of(key.begin(), key.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        });
    if (is_word) return path.empty() ? std::string(key) : path + "." + std::string(key);
    std::string result = path + "['";
    for (const char c : key) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "']";
}

std::string path_of_entry(const std::string &path, std::string_view name) {
    return path + "[" + selector("name", json::string(name)) + "]";
}

} // namespace rsf::dryrun::planner
