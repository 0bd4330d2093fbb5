// SPDX-License-Identifier: Apache-2.0
//
// pod_path.hpp: where objects of each kind hold a pod's spec. A pure function.
#pragma once

#include <string_view>

namespace rsf::dryrun::objects {

// "spec.template.spec" for "Deployment.apps"; empty: objects of the kind hold none.
std::string_view pod_path(std::string_view kind);

} // namespace rsf::dryrun::objects
