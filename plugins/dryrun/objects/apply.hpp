// SPDX-License-Identifier: Apache-2.0
//
// apply.hpp: a live object with what an apply asks for in it. A pure function. After
// https://kubernetes.io/docs/reference/using-api/server-side-apply/.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun::objects {

// live with wanted laid over it: mappings key by key; lists whose entries have a name or another key entry by entry; all else as
// in wanted. What wanted does not mention stays as it is in live.
json::object applied(json::object live, const json::object &wanted);

} // namespace rsf::dryrun::objects
