// SPDX-License-Identifier: Apache-2.0
//
// Reads block scalars in the text of a document again, where yaml-cpp's value is wrong. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rsf::parse {

// With how many line breaks the folded block scalar at offset (or behind properties there) ends that keeps them (">+"): none of
// those behind its last line is folded (YAML 1.2, 8.1.1.2 and 8.1.3), but yaml-cpp folds the first away when blank lines follow.
// read: what yaml-cpp read. None: it is no such scalar, or nothing but blanks.
std::optional<std::size_t> breaks_at_end(std::string_view text, std::size_t offset, std::string_view read);

} // namespace rsf::parse
