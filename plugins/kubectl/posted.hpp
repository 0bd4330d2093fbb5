// SPDX-License-Identifier: Apache-2.0
//
// The object of a write, as it was posted. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

namespace rsf::kubectl {

struct Posted {
    json::object object;
    kubernetes::Identity identity;
};

// Throws Error (invalid) when nobody can tell what it is.
Posted read_posted(const Call &call);

// What live has and the object that replaces it leaves to the cluster, put into that object, where the cluster would take its
// absence for the wish to have it gone: the address of a Service, which API servers up to 1.21 refuse to take away.
void carry_over(const json::object &live, json::object &object);

// Whether carry_over may have something to do for an object of this kind.
bool has_something_to_carry_over(const Posted &posted);

} // namespace rsf::kubectl
