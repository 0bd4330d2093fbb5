// SPDX-License-Identifier: Apache-2.0
//
// What a YAML scalar means, by go-yaml v2's rules (its resolve.go), and how such a value reads as a key. Pure.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace rsf::parse {

// A sentence that says why a scalar has no value that JSON could hold.
struct BadScalar {
    std::string why;
};

using Scalar = std::variant<boost::json::value, BadScalar>;

// tag: "?" for an untagged plain scalar, "!" for an untagged quoted one, else the whole tag ("tag:yaml.org,2002:int").
Scalar resolve_scalar(std::string_view tag, std::string_view text);

// As ghodss/yaml makes keys: booleans and whole numbers as text, other numbers in single precision. Empty and false: value can't
// be a key.
bool key_text(const boost::json::value &value, std::string &key);

// Whether an untagged plain scalar with this text is a string to go-yaml v2.
bool is_plain_string(std::string_view text);

} // namespace rsf::parse
