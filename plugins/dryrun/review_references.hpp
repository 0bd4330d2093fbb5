// SPDX-License-Identifier: Apache-2.0
//
// review_references.hpp: references, $(ref.NAME.PATH), as far as a plan looks at them by itself: for what is secret it can't wait
// until the daemon fills them in. Their grammar is in docs/http-api.md; the daemon has refused whatever does not follow it. Pure
// functions.
#pragma once

#include "masking/secret_values.hpp"

#include <resourcifier/driver.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun {

using masking::has_reference;

// What a reference stands for; nothing: that is not known.
using ReferenceValue = std::function<std::optional<std::string>(std::string_view name, std::string_view path)>;

// text with each reference that value_of() knows replaced by its value.
std::string filled_in(std::string_view text, const ReferenceValue &value_of);

// The same for every text below value, but for keys.
void fill_in(json::value &value, const ReferenceValue &value_of);

// The scalar at path as text; "name" is metadata.name, where the object has none itself. Nothing: there is none.
std::optional<std::string> text_at_path(const json::object &object, std::string_view path);

} // namespace rsf::dryrun
