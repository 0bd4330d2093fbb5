// SPDX-License-Identifier: Apache-2.0
//
// Lists as text: what is to be changed in them is changed without reading them into values, which take several times as much
// memory. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::kubectl {

// The text of the array "items" of a list; "[]" for one that is null. None: the text is no JSON object with such an array, as far
// as its brackets tell. What is between them is not judged.
std::optional<std::string_view> items_of(std::string_view list);

// Calls use with the text of each element of an array. False: the text is none, as far as its brackets tell.
bool each_item(std::string_view items, const std::function<void(std::string_view item)> &use);

// A list as `kubectl get --output=json` writes it, of the items of an API server's list: each says what it is.
// None: as above, or an item is no object.
std::optional<std::string> as_list(std::string_view answer, std::string_view api_version, std::string_view kind);

} // namespace rsf::kubectl
