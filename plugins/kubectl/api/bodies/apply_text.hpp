// SPDX-License-Identifier: Apache-2.0
//
// What kubectl's own apply can't pass on. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::kubectl::api {

// kubectl writes what it applies as JSON with characters as they are, and API servers read it as YAML: there U+0085 is a line
// break, which becomes a blank, and DEL, the other C1 controls, U+FFFE and U+FFFF may not stand at all. Throws Error (invalid)
// that names the first text of object which holds one of them.
void check_kubectl_can_apply(const json::object &object);

} // namespace rsf::kubectl::api
