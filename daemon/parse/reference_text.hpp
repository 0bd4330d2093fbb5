// SPDX-License-Identifier: Apache-2.0
//
// The grammar of references: a string taken apart into text and references, and a path into its steps. Pure.
#pragma once

#include "base/error.hpp"
#include "parse/references.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rsf::parse {

// A key, or the index of a list's entry.
using PathStep = std::variant<std::string, std::size_t>;

// Takes the steps of a path off the front of text; what ends the path is left. The message says what is wrong.
Result<std::vector<PathStep>> take_path(std::string_view &text);

// Text with its escapes resolved, or a reference without its pointer.
using Piece = std::variant<std::string, Reference>;

bool may_hold_reference(std::string_view text);

Result<std::vector<Piece>> split_references(std::string_view text);

} // namespace rsf::parse
