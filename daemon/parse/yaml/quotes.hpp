// SPDX-License-Identifier: Apache-2.0
//
// Reads quoted scalars in the text of a document again, where yaml-cpp's events do not say enough. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace rsf::parse {

// The offset behind the anchor (and the tag, when tags is set) that stand at offset, and behind the blanks and comments that
// follow them; at most that of the last byte.
std::size_t skip_properties(std::string_view text, std::size_t offset, bool tags);

// The quoted scalar at offset (or behind properties there), from quote to quote; empty: it is not quoted, or never closed.
std::string_view quoted_at(std::string_view text, std::size_t offset);

// Whether the scalar at offset (or behind properties there) is not quoted, or has its closing quote.
bool quotes_are_closed(std::string_view text, std::size_t offset);

// How many line breaks, with nothing but blanks between them, stand before the closing quote of the scalar at offset.
std::size_t breaks_before_closing_quote(std::string_view text, std::size_t offset);

// Whether what follows the key at offset, in block context, is surely a quoted scalar or a block scalar.
bool one_scalar_follows(std::string_view text, std::size_t offset);

} // namespace rsf::parse
