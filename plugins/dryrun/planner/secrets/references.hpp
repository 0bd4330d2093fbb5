// SPDX-License-Identifier: Apache-2.0
//
// references.hpp: references, $(ref.NAME.PATH), which the planner fills in itself to find Secrets: it needs these before the
// daemon fills the references in. The grammar is in docs/http-api.md, and the daemon has checked it. Pure functions.
#pragma once

#include "masking/secret_values.hpp"

#include <resourcifier/driver.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun::planner {

using masking::has_reference;

// The value of a reference; nothing: it is not known.
using ReferenceValue = std::function<std::optional<std::string>(std::string_view name, std::string_view path)>;

// text with each reference that value_of() knows replaced by its value.
std::string filled_in(std::string_view text, const ReferenceValue &value_of);

// The same for every string in value, except keys.
void fill_in(json::value &value, const ReferenceValue &value_of);

// The scalar at path as text. "name" is metadata.name where the object has no member name. Nothing: there is no scalar.
std::optional<std::string> text_at_path(const json::object &object, std::string_view path);

} // namespace rsf::dryrun::planner
