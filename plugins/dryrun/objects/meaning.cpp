// SPDX-License-Identifier: Apache-2.0
#include "meaning.hpp"
#include "quantity.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace rsf::dryrun::objects {
namespace {

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
    if (place.plain || place.foreign) return false;
    return is_one_of(quantity_fields, place.key) || is_one_of(quantity_maps, place.holder) ||
           (place.holder == "target" && place.key == "value"); // of a HorizontalPodAutoscaler's metric
}

enum class Sense {
    exact,
    quantities, // equal ones count as the same
};

void append(std::string &text, const Place &place, const json::value &value, Sense sense) {
    if (value.is_object()) {
        const json::object &object = value.get_object();
        std::vector<std::string_view> keys;
        for (const auto &member : object)
            if (place.foreign || !member.value().is_null()) keys.push_back(member.key());
        std::sort(keys.begin(), keys.end());
        text += '{';
        for (const std::string_view key : keys) {
            text += json_text(json::value(key)) + ":";
            append(text, place.at(key), object.at(key), sense);
            text += ',';
        }
        text += '}';
    } else if (value.is_array()) {
        text += '[';
        for (const json::value &entry : value.get_array()) {
            append(text, place, entry, sense);
            text += ',';
        }
        text += ']';
    } else {
        const bool may_be_quantity = value.is_number() || (sense == Sense::quantities && is_quantity(place));
        const std::optional<Quantity> quantity = may_be_quantity ? Quantity::of(value) : std::nullopt;
        text += quantity ? quantity->text() : json_text(value);
    }
}

} // namespace

Place Place::at(std::string_view member) const { return {member, key, plain || is_one_of(plain_maps, member), foreign}; }

std::string meaning(const Place &place, const json::value &value) {
    std::string text;
    append(text, place, value, Sense::quantities);
    return text;
}

bool is_same(const Place &place, const json::value &before, const json::value &after) {
    return meaning(place, before) == meaning(place, after);
}

bool is_equal(const Place &place, const json::value &before, const json::value &after) {
    std::string one, other;
    append(one, place, before, Sense::exact);
    append(other, place, after, Sense::exact);
    return one == other;
}

} // namespace rsf::dryrun::objects
