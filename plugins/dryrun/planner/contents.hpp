// SPDX-License-Identifier: Apache-2.0
//
// contents.hpp: the objects that a cluster deletes along with a Namespace or a CustomResourceDefinition. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <vector>

namespace rsf::dryrun::planner {

// A list to read from the target.
struct Contents {
    std::string type;
    std::string ns; // empty: all of them
};

// The lists with the contents of object: of a Namespace for each kind that people create there, of a CustomResourceDefinition for
// its own kind; of any other object none.
std::vector<Contents> contents_of(const json::object &object);

// Whether a controller made the object, for another object or for each namespace.
bool comes_by_itself(const json::object &object);

// Unique in the cluster, and the same in each version of the object's kind.
std::string key_of(const json::object &object);

// apiVersion, kind, namespace and name, as far as the object has them.
json::object identity_in(const json::object &object);

} // namespace rsf::dryrun::planner
