// SPDX-License-Identifier: Apache-2.0
//
// Finds the places of the parts of a JSON text, which Boost.JSON's parser does not report. The text must have been accepted by
// the parser up to the part. Pure.
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
