// SPDX-License-Identifier: Apache-2.0
//
// The object of a write, as it was posted. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <optional>

namespace rsf::kubectl::api {

struct Posted {
    json::object object;
    kubernetes::Identity identity;
};

// Throws Error (invalid) when it can't be identified: no kind, no name, two namespaces.
Posted read_posted(const Call &call);

// Of a delete. None: no object can ever have been made from the document, so that there is nothing to delete. Throws Error
// (invalid) when object and request name two namespaces.
std::optional<Posted> read_deleted(const Call &call);

// Throws Error (conflict) when the call expects a revision that no object is ever at: API servers count, and take anything else
// for a fault of the request.
void check_revision_form(const Call &call);

// Makes the object name the revision that the call expects, so that the API server checks it. Throws Error (invalid) when it
// names another one itself.
void expect_revision(const Call &call, json::object &object);

} // namespace rsf::kubectl::api
