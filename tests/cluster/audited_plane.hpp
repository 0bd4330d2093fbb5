// SPDX-License-Identifier: Apache-2.0
//
// The control plane that the tests of plans share.
#pragma once

#include "cluster/control_plane.hpp"

namespace rsf::test {

inline ControlPlane &audited_plane() {
    static ControlPlane plane(ControlPlane::Audit::on);
    return plane;
}

// Settings of a target that is this control plane, and whatever else is wanted.
inline std::string target_prod(std::string_view more = {}) {
    return "  prod:\n    driver: kubectl\n    concurrency: 8\n    settings: {kubectl: " + audited_plane().kubectl() +
           ", config: " + audited_plane().kubeconfig() + "}\n" + std::string(more);
}

} // namespace rsf::test
