// SPDX-License-Identifier: Apache-2.0
//
// What checking a schema and applying one have in common. Pure.
#pragma once

#include "base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace rsf::drivers::schema {

// The place of a value in the settings.
struct Spot {
    std::string pointer{};                             // RFC 6901
    std::string name{};                                // for messages: "tls.ca", "hosts[2]"; empty: the settings themselves
    bool secret = false;                               // at or below a writeOnly schema, or its value holds a secret
    const std::vector<std::string> *secrets = nullptr; // texts whose holders are secret; may be null

    Spot key(std::string_view key) const;
    Spot index(std::size_t index) const;
};

// The member of schema, or null when it has none.
const boost::json::value *member(const boost::json::object &schema, std::string_view keyword);

bool is_write_only(const boost::json::object &schema);

// The schema that a key's value must fit, or null: additionalProperties is true, or the key is not allowed.
const boost::json::object *schema_of(const boost::json::object &schema, std::string_view key);

// Whether keys that properties does not list are allowed.
bool is_open(const boost::json::object &schema);

// The draft's name of value's type; "integer" only where a number has no fraction.
std::string_view type_name(const boost::json::value &value);
bool has_type(const boost::json::value &value, std::string_view type);

// Makes value fit schema (fills in defaults) and adds what does not fit to causes.
void apply(const boost::json::object &schema, boost::json::value &value, const Spot &spot, std::vector<Error> &causes);

} // namespace rsf::drivers::schema
