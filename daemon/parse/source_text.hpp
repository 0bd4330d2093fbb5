// SPDX-License-Identifier: Apache-2.0
//
// The checks of a text before any parser sees it. Pure.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::parse {

// The text without a UTF-8 byte order mark at its beginning.
std::string_view without_mark(std::string_view text);

// Line and column of the byte at offset.
Place place_at(std::string_view text, std::size_t offset);

enum class TextKind { json, yaml };

// The first thing in text that is not allowed in a document of its kind: bad UTF-8, UTF-16 and 32; in YAML control characters and
// U+0085, too.
std::optional<Error> find_bad_text(std::string_view text, TextKind kind);

} // namespace rsf::parse
