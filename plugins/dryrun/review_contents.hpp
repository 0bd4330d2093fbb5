// SPDX-License-Identifier: Apache-2.0
//
// review_contents.hpp: what a cluster deletes along with an object that other objects are in. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <vector>

namespace rsf::dryrun {

// A list to ask for.
struct Contents {
    std::string type;
    std::string ns; // empty: all of them
};

// Where the contents of object are found: of a Namespace those of the kinds that people put there, of a CustomResourceDefinition
// the objects of its kind; of anything else nothing.
std::vector<Contents> contents_of(const json::object &object);

// Whether nobody made the object: a controller did, for another object or for each namespace.
bool comes_by_itself(const json::object &object);

// Tells it from every other object of the cluster, in whatever version it is.
std::string key_of(const json::object &object);

// apiVersion, kind, namespace and name; those that it has.
json::object identity_in(const json::object &object);

} // namespace rsf::dryrun
