// SPDX-License-Identifier: Apache-2.0
#include "parse/place_trail.hpp"

namespace rsf::parse {

void append_token(std::string &pointer, std::string_view text) {
    pointer += '/';
    for (const char c : text) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

std::string below(std::string pointer, std::string_view key) {
    append_token(pointer, key);
    return pointer;
}

void PlaceTrail::add_key(std::size_t level, std::string_view key, Spot spot) {
    pointer_.resize(lengths_[level - 1]);
    append_token(pointer_, key);
    add(level, spot);
}

void PlaceTrail::add_index(std::size_t level, std::size_t index, Spot spot) {
    pointer_.resize(lengths_[level - 1]);
    pointer_ += '/';
    pointer_ += std::to_string(index);
    add(level, spot);
}

void PlaceTrail::add(std::size_t level, Spot spot) {
    lengths_.resize(level);
    lengths_.push_back(pointer_.size());
    places_.add(pointer_, spot.line, spot.column);
}

} // namespace rsf::parse
