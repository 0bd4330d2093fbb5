// SPDX-License-Identifier: Apache-2.0
//
// Whose objects a delete is about. References in an object's identity (kind, apiVersion, metadata.name, metadata.namespace) are
// filled in from what stands in the configuration, else from the live object that they refer to; what neither tells can't be
// there. Everything else that an object refers to does not matter when it goes.
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
        posted,   // its identity holds no reference
        resolved, // see properties
        absent,   // nothing tells its identity, so that it can't be there
        unknown,  // the cluster could not be asked for what its identity refers to
    } kind = Kind::posted;
    boost::json::object properties{}; // with its identity filled in
    std::string reason{};             // of absent and unknown: a sentence
};

struct LiveObject {
    boost::json::value object;
    std::string selflink;
};

// Reads the object of a resource. properties: the resource's, its identity filled in. not_found, invalid: it is not there.
using ReadLive = std::function<Result<LiveObject>(const parse::Resource &resource, const boost::json::object &properties)>;

// One for each resource. Reads each object once at most, and only if something in an identity refers to it.
std::vector<DeletedObject> deleted_objects(const parse::Configuration &configuration, const ReadLive &read_live);

} // namespace rsf::graph
