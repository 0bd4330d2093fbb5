// SPDX-License-Identifier: Apache-2.0
#include "http/metered_route.hpp"

#include "http/router.hpp"

namespace rsf::daemon {

MeteredRoute metered_route(std::string_view target) {
    if (!target.starts_with('/')) return MeteredRoute::none;
    const auto kind = find_kind(target.substr(0, target.find('?')));
    if (!kind) return MeteredRoute::none;
    switch (*kind) {
    case Route::Kind::health: return MeteredRoute::health;
    case Route::Kind::live: return MeteredRoute::live;
    case Route::Kind::ready: return MeteredRoute::ready;
    case Route::Kind::metrics: return MeteredRoute::metrics;
    case Route::Kind::openapi: return MeteredRoute::openapi;
    case Route::Kind::targets: return MeteredRoute::targets;
    case Route::Kind::target: return MeteredRoute::target;
    case Route::Kind::configurations: return MeteredRoute::configurations;
    case Route::Kind::list: return MeteredRoute::list;
    case Route::Kind::get: return MeteredRoute::get;
    }
    return MeteredRoute::none;
}

} // namespace rsf::daemon
