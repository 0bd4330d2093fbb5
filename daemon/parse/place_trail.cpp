// SPDX-License-Identifier: Apache-2.0
#include "parse/place_trail.hpp"

#include "base/json_pointer.hpp"

namespace rsf::parse {

void PlaceTrail::add_key(std::size_t level, std::string_view key, Spot spot) {
    pointer_.resize(lengths_[level - 1]);
    append_token(pointer_, key);
    add(level, spot);
}

void PlaceTrail::add_index(std::size_t level, std::size_t index, Spot spot) {
    pointer_.resize(lengths_[level - 1]);
    append_token(pointer_, std::to_string(index));
    add(level, spot);
}

void PlaceTrail::add(std::size_t level, Spot spot) {
    lengths_.resize(level);
    lengths_.push_back(pointer_.size());
    places_.add(pointer_, spot.line, spot.column);
}

} // namespace rsf::parse
