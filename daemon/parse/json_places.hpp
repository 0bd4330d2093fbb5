// SPDX-License-Identifier: Apache-2.0
//
// Finds where the parts of a JSON text stand, which Boost.JSON's parser does not say. Expects text that the parser has taken, as
// far as it is walked. Pure.
#pragma once

#include "parse/document.hpp"
#include "parse/value_builder.hpp"

#include <cstddef>
#include <string_view>

namespace rsf::parse {

// The spot of part number ordinal: keys and values count, in order, from 1.
Spot find_json_part(std::string_view text, std::size_t ordinal);

void record_json_places(std::string_view text, std::size_t depth, Places &places);

} // namespace rsf::parse
