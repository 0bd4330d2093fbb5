// SPDX-License-Identifier: Apache-2.0
//
// Forward declarations of a target and of the set of those that are served, for headers that only name them.
#pragma once

namespace rsf::targets {

class Target;
struct TargetSet;

} // namespace rsf::targets
