// SPDX-License-Identifier: Apache-2.0
//
// References, $(ref.NAME.PATH): found in properties, and replaced by values. Pure.
//
// NAME ends at the first '.', so a resource whose name holds a dot can't be referred to. PATH is keys joined by dots, with [n]
// for the entries of lists (from 0) and ['key'] for keys that hold a dot, a bracket, a parenthesis, a quote or a blank (a quote
// in it is doubled): metadata.annotations['example.com/role'], status.loadBalancer.ingress[0].ip.
#pragma once

#include "base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::parse {

struct Reference {
    std::string name;    // of the resource
    std::string path;    // as written: status.loadBalancer.ingress[0].ip
    std::string pointer; // where in the properties it stands, a JSON Pointer

    std::string text() const; // "$(ref.NAME.PATH)"
};

struct References {
    std::vector<Reference> all; // in document order
    bool to_resolve = false;    // whether resolve would change anything: true for "$$(ref." too
};

// The references in properties. One in a key is an error: only values may hold references. So is a malformed one ("$(ref."
// without name, path or end), with its pointer. "$$(ref." is text, not a reference.
Result<References> find_references(const boost::json::object &properties);

// The value at path, or an error (not_found) that names the part that is missing and what is there instead.
Result<boost::json::value> value_at(const boost::json::value &object, std::string_view path);

// properties with each reference replaced by what lookup gives for it, and each "$$(ref." by "$(ref.". A string that is only a
// reference takes the value's own type; within a longer string the value must be a scalar, but not null. An error has the
// reference's pointer. More than 32 MiB of values put in are refused.
using Lookup = std::function<Result<boost::json::value>(const Reference &)>;
Result<boost::json::object> resolve(const boost::json::object &properties, const Lookup &lookup);

} // namespace rsf::parse
