// SPDX-License-Identifier: Apache-2.0
//
// Which objects a delete is about. References in an object's identity (kind, apiVersion, metadata.name, metadata.namespace) are
// filled in from the configuration, else from the live object that they refer to; if neither has the value, the object can't
// exist. Other references of an object do not matter when it is deleted.
#pragma once

#include "base/error.hpp"
#include "parse/configuration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rsf::graph {

struct DeletedObject {
    enum class Kind {
        posted,   // its identity has no reference
        resolved, // see properties
        absent,   // its identity can't be determined, so that it can't exist
        unknown,  // the cluster could not be asked for what its identity refers to
    } kind = Kind::posted;
    boost::json::object properties{}; // with its identity filled in
    std::string reason{};             // of absent and unknown: a sentence
};

struct LiveObject {
    boost::json::value object;
    std::string selflink;
    std::string revision{}; // empty: not known
};

// Reads the object of a resource. properties: the resource's, its identity filled in. not_found, invalid: it is not there.
using ReadLive = std::function<Result<LiveObject>(const parse::Resource &resource, const boost::json::object &properties)>;

// One for each resource. Reads each object once at most, and only if something in an identity refers to it.
std::vector<DeletedObject> deleted_objects(const parse::Configuration &configuration, const ReadLive &read_live);

} // namespace rsf::graph
