// SPDX-License-Identifier: Apache-2.0
#include "api/request/metered_route.hpp"

#include "api/request/router.hpp"

namespace rsf::api {

metrics::MeteredRoute metered_route(std::string_view target) {
    if (!target.starts_with('/')) return metrics::MeteredRoute::none;
    const auto kind = find_kind(target.substr(0, target.find('?')));
    if (!kind) return metrics::MeteredRoute::none;
    switch (*kind) {
    case Route::Kind::health: return metrics::MeteredRoute::health;
    case Route::Kind::live: return metrics::MeteredRoute::live;
    case Route::Kind::ready: return metrics::MeteredRoute::ready;
    case Route::Kind::metrics: return metrics::MeteredRoute::metrics;
    case Route::Kind::openapi: return metrics::MeteredRoute::openapi;
    case Route::Kind::targets: return metrics::MeteredRoute::targets;
    case Route::Kind::target: return metrics::MeteredRoute::target;
    case Route::Kind::configurations: return metrics::MeteredRoute::configurations;
    case Route::Kind::list: return metrics::MeteredRoute::list;
    case Route::Kind::get: return metrics::MeteredRoute::get;
    case Route::Kind::operations: return metrics::MeteredRoute::operations;
    case Route::Kind::operation:
    case Route::Kind::cancel: return metrics::MeteredRoute::operation;
    case Route::Kind::events: return metrics::MeteredRoute::events;
    }
    return metrics::MeteredRoute::none;
}

} // namespace rsf::api
