// SPDX-License-Identifier: Apache-2.0
#include "metrics/request_metrics.hpp"

#include <algorithm>
#include <string>

namespace rsf::metrics {

namespace {

constexpr std::array<std::string_view, 14> route_names{"none",    "health",     "live",      "ready",          "metrics",
                                                       "openapi", "targets",    "target",    "configurations", "list",
                                                       "get",     "operations", "operation", "events"};
constexpr std::array<std::string_view, 9> method_names{"GET",     "HEAD",  "POST",  "PUT",  "DELETE",
                                                       "OPTIONS", "PATCH", "TRACE", "other"};
// Every status that is answered here; the last place is for others.
constexpr std::array<unsigned, 29> known_codes{200, 201, 202, 204, 207, 301, 308, 400, 403, 404, 405, 406, 408, 409, 413,
                                               414, 415, 417, 421, 422, 429, 431, 500, 501, 502, 503, 504, 505, 0};
constexpr auto last_code = known_codes.end() - 1;

std::size_t place_of(std::string_view method) {
    const auto found = std::find(method_names.begin(), method_names.end() - 1, method);
    return static_cast<std::size_t>(found - method_names.begin());
}

std::size_t place_of(unsigned status) {
    const auto found = std::lower_bound(known_codes.begin(), last_code, status);
    return static_cast<std::size_t>((found != last_code && *found == status ? found : last_code) - known_codes.begin());
}

} // namespace

RequestMetrics::RequestMetrics(prometheus::Registry &registry)
    : requests_(prometheus::BuildCounter()
                    .Name("resourcifier_http_requests_total")
                    .Help("Requests that were answered, by route, method and status.")
                    .Register(registry)) {
    static_assert(route_names.size() == routes && method_names.size() == methods && known_codes.size() == codes);
    auto &durations = prometheus::BuildHistogram()
                          .Name("resourcifier_http_request_duration_seconds")
                          .Help("Time from a request's first byte to the last of its answer, by route.")
                          .Register(registry);
    const prometheus::Histogram::BucketBoundaries bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                         0.5,   1,      2.5,   5,    10,    30,   60};
    for (std::size_t route = 0; route < routes; ++route)
        durations_[route] = &durations.Add({{"route", std::string(route_names[route])}}, bounds);
}

void RequestMetrics::count(MeteredRoute route, std::string_view method, unsigned status, std::chrono::nanoseconds took) {
    const auto on = static_cast<std::size_t>(route);
    const std::size_t by = place_of(method), with = place_of(status);
    std::atomic<prometheus::Counter *> &place = counters_[(on * methods + by) * codes + with];
    prometheus::Counter *counter = place.load(std::memory_order_acquire);
    if (!counter) {
        counter = &make(on, by, with); // threads that make it at the same moment get the same one
        place.store(counter, std::memory_order_release);
    }
    counter->Increment();
    durations_[on]->Observe(std::chrono::duration<double>(took).count());
}

prometheus::Counter &RequestMetrics::make(std::size_t route, std::size_t method, std::size_t code) {
    return requests_.Add({{"route", std::string(route_names[route])},
                          {"method", std::string(method_names[method])},
                          {"code", known_codes[code] == 0 ? "other" : std::to_string(known_codes[code])}});
}

} // namespace rsf::metrics
