// SPDX-License-Identifier: Apache-2.0
//
// The object of a write, as it was posted. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <optional>

namespace rsf::kubectl {

struct Posted {
    json::object object;
    kubernetes::Identity identity;
};

// Throws Error (invalid) when nobody can tell what it is.
Posted read_posted(const Call &call);

// Of a delete. None: no object can ever have been made from the document, so that there is nothing to delete. Throws Error
// (invalid) when object and request name two namespaces.
std::optional<Posted> read_deleted(const Call &call);

} // namespace rsf::kubectl
