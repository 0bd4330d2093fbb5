// SPDX-License-Identifier: Apache-2.0
//
// Lists as text: they are changed without being parsed into values, which would take several times as much memory. Pure;
// thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::kubectl::text {

// The text of the array "items" of a list; "[]" for one that is null. None: the text is no JSON object with such an array.
// Only brackets and strings are checked, not what is between them.
std::optional<std::string_view> items_of(std::string_view list);

// Calls use with the text of each element of an array. False: the text is no array, by its brackets.
bool each_item(std::string_view items, const std::function<void(std::string_view item)> &use);

// An API server's list as `kubectl get --output=json` writes it: each item has its apiVersion and kind.
// None: as above, or an item is no object.
std::optional<std::string> as_list(std::string_view answer, std::string_view api_version, std::string_view kind);

} // namespace rsf::kubectl::text
