// SPDX-License-Identifier: Apache-2.0
//
// Keeps the JSON Pointer of a reader's position, and records the places of values near the root. Not thread-safe.
#pragma once

#include "parse/document.hpp"
#include "parse/value_builder.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::parse {

class PlaceTrail {
  public:
    // Levels below the root down to depth are recorded.
    PlaceTrail(Places &places, std::size_t depth) : places_(places), depth_(depth) {}

    bool wants(std::size_t level) const { return level <= depth_; }

    // An entry at level (1: of the root) of the list or mapping that was entered last on the level above.
    void add_root(Spot spot) { add(0, spot); }
    void add_key(std::size_t level, std::string_view key, Spot spot);
    void add_index(std::size_t level, std::size_t index, Spot spot);

    // What recording one place takes, about, in bytes.
    static constexpr std::size_t cost = 160;

  private:
    void add(std::size_t level, Spot spot);

    Places &places_;
    const std::size_t depth_;
    std::string pointer_;
    std::vector<std::size_t> lengths_; // of the pointer at each level
};

} // namespace rsf::parse
