// SPDX-License-Identifier: Apache-2.0
//
// What requests are counted under. Plain values: thread-safe as values are.
#pragma once

namespace rsf::metrics {

// The route of a request.
enum class MeteredRoute {
    none,
    health,
    live,
    ready,
    metrics,
    openapi,
    targets,
    target,
    configurations,
    list,
    get,
    operations,
    operation,
    events
};

} // namespace rsf::metrics
