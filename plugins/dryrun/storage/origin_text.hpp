// SPDX-License-Identifier: Apache-2.0
//
// origin_text.hpp: how state files say which steps wrote an object, and which were deleted. Pure functions.
#pragma once

#include "deletion.hpp"
#include "record.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::storage {

// The object's text with its origin as its last member, where it has one.
std::string with_origin(std::string_view text, const Origin &origin);

// Takes the origin out of a file's object, and of its text.
Origin take_origin(json::object &object, std::string &text);

std::string text_of(const std::vector<Deletion> &deletions);
// No value: the text is no such list.
std::optional<std::vector<Deletion>> read_deletions(std::string_view text);

} // namespace rsf::dryrun::storage
