// SPDX-License-Identifier: Apache-2.0
#include "parse/value_builder.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace rsf::parse {

namespace json = boost::json;

namespace {

// About what Boost.JSON and the allocator take: a value, what a container or a long string adds, a key.
constexpr std::size_t node_bytes = 24, container_bytes = 24, key_bytes = 48;

std::size_t text_bytes(std::size_t size) { return size < 15 ? 0 : size + 16; }

} // namespace

void refuse(std::string message, Spot spot) {
    throw Refused{invalid(std::move(message)).at(Place{{}, spot.line, spot.column, {}})};
}

Cost cost_of(const json::value &value) {
    Cost cost{1, node_bytes, 0};
    const auto include = [&](const json::value &child) {
        const Cost inner = cost_of(child);
        cost.nodes += inner.nodes;
        cost.bytes += inner.bytes;
        cost.height = std::max(cost.height, inner.height);
    };
    if (const json::object *object = value.if_object()) {
        cost.bytes += container_bytes;
        for (const auto &[key, child] : *object) {
            cost.bytes += key_bytes + text_bytes(key.size());
            include(child);
        }
        ++cost.height;
    } else if (const json::array *array = value.if_array()) {
        cost.bytes += container_bytes;
        for (const json::value &child : *array) include(child);
        ++cost.height;
    } else if (const json::string *text = value.if_string()) {
        cost.bytes += text_bytes(text->size());
    }
    return cost;
}

void ValueBuilder::charge(std::size_t nodes, std::size_t bytes, Spot spot) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > limits_.nodes)
        refuse("The document has more than " + std::to_string(limits_.nodes) + " values, aliases expanded; send it in parts.",
               spot);
    // While a large list or mapping is open its parts are in the vectors here, which double as they grow.
    const std::size_t open = values_.capacity() * sizeof(json::value) + keys_.capacity() * sizeof(Key);
    if (bytes_ + open + open / 2 > limits_.bytes)
        refuse("The document's values, aliases expanded, take more than " + std::to_string(limits_.bytes >> 20) +
                   " MiB of memory; send it in parts.",
               spot);
}

void ValueBuilder::begin(bool is_map, Spot spot) {
    if (frames_.size() >= limits_.depth)
        refuse("Lists and mappings are nested more than " + std::to_string(limits_.depth) + " deep here.", spot);
    charge(1, node_bytes + container_bytes, spot);
    frames_.push_back({values_.size(), keys_.size(), is_map, false});
}

void ValueBuilder::key(std::string_view text, Spot spot) {
    charge(0, key_bytes + text_bytes(text.size()), spot);
    keys_.push_back({std::string(text), spot, false});
}

void ValueBuilder::add(json::value value, Spot spot) {
    charge(1, node_bytes + (value.is_string() ? text_bytes(value.get_string().size()) : 0), spot);
    values_.push_back(std::move(value));
}

void ValueBuilder::add_copy(const json::value &value, const Cost &cost, Spot spot) {
    if (frames_.size() + cost.height > limits_.depth)
        refuse("Lists and mappings are nested more than " + std::to_string(limits_.depth) + " deep here, the alias expanded.",
               spot);
    charge(cost.nodes, cost.bytes, spot);
    values_.push_back(value);
}

void ValueBuilder::merge(const json::object &entries, Spot spot) {
    frames_.back().merges = true;
    for (const auto &[key, value] : entries) {
        const Cost cost = cost_of(value);
        charge(cost.nodes, cost.bytes + key_bytes + text_bytes(key.size()), spot);
        keys_.push_back({std::string(key), spot, true});
        values_.push_back(value);
    }
}

json::value ValueBuilder::take_last() {
    json::value value = std::move(values_.back());
    values_.pop_back();
    return value;
}

void ValueBuilder::refuse_duplicate(const Key &key) {
    refuse("The key '" + printable(key.text, 80) + "' appears twice in the same mapping; remove one of them.", key.spot);
}

json::object ValueBuilder::make_object(const Frame &frame) {
    json::object object;
    object.reserve(keys_.size() - frame.keys);
    for (std::size_t i = frame.keys, v = frame.values; i < keys_.size(); ++i, ++v) {
        if (!object.emplace(keys_[i].text, std::move(values_[v])).second) refuse_duplicate(keys_[i]);
    }
    return object;
}

json::object ValueBuilder::make_merged_object(const Frame &frame) {
    json::object object;
    std::unordered_map<std::string_view, bool> written; // whether by a key of its own
    for (std::size_t i = frame.keys, v = frame.values; i < keys_.size(); ++i, ++v) {
        const Key &key = keys_[i];
        const auto [known, is_new] = written.emplace(key.text, !key.merged);
        if (!is_new && !key.merged) {
            if (known->second) refuse_duplicate(key);
            known->second = true;
        }
        object.insert_or_assign(key.text, std::move(values_[v]));
    }
    return object;
}

void ValueBuilder::end() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(frame.values);
    json::value whole;
    if (frame.is_map) {
        whole = frame.merges ? make_merged_object(frame) : make_object(frame);
        keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(frame.keys), keys_.end());
    } else {
        whole = json::array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    }
    values_.erase(first, values_.end());
    values_.push_back(std::move(whole));
}

json::value ValueBuilder::take() { return values_.empty() ? json::value() : std::move(values_.front()); }

} // namespace rsf::parse
