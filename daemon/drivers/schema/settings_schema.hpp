// SPDX-License-Identifier: Apache-2.0
//
// A driver's settings schema: JSON Schema draft 2020-12, the part that driver.h names. Pure.
//
// Two things are narrower than in JSON Schema: a key that "properties" does not list is refused unless additionalProperties
// allows it, and a value with a "pattern" (std::regex, ECMAScript, which recurses over its input) may have at most 1024 bytes. A
// default is filled in where its object is there, given or by a default of its own; no object is made only to hold defaults.
#pragma once

#include "base/error.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::drivers {

// Whether schema uses only what is supported here; checked when a driver is loaded.
Result<void> check_schema(const boost::json::object &schema);

// settings with defaults filled in, or an error whose causes each have the pointer of what is wrong. Values of writeOnly
// settings, and those that hold one of secrets, never appear in an error.
Result<boost::json::object> apply_schema(const boost::json::object &schema, const boost::json::object &settings,
                                         const std::vector<std::string> &secrets = {});

// The other targets that settings name: the values of the schema's properties whose format is target, by the name of the setting.
std::vector<std::pair<std::string, std::string>> named_targets(const boost::json::object &schema,
                                                               const boost::json::object &settings);

// The one setting of a driver that names another target ("format": "target"), if the driver needs no other setting than that one.
std::optional<std::string> only_target_setting(const boost::json::object &schema);

// The texts of every writeOnly value, and those of texts, as without_secrets takes them.
std::vector<std::string> secret_values(const boost::json::object &schema, const boost::json::object &settings,
                                       std::vector<std::string> texts = {});

// secrets as without_secrets searches for them: those of fewer than 4 bytes are left out, since they would be found everywhere,
// and the longest come first, so that nothing is left of a secret that contains another.
std::vector<std::string> searchable(std::vector<std::string> secrets);

// text without any of secrets, which are searchable.
std::string without_secrets(std::string_view text, const std::vector<std::string> &secrets);

} // namespace rsf::drivers
