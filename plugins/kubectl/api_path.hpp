// SPDX-License-Identifier: Apache-2.0
//
// Where the Kubernetes API keeps an object. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>

namespace rsf::kubectl {

// "/apis/apps/v1/namespaces/default/deployments/web" for an object that the cluster returned; its own metadata.selfLink, which
// API servers up to 1.19 set, if there is one. Empty for kinds that are not built in: their plural is not known here.
std::string api_path(const json::object &live);

} // namespace rsf::kubectl
