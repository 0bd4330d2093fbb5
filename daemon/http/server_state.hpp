// SPDX-License-Identifier: Apache-2.0
//
// What all connections of a server share. Outlives them. Thread-safe.
#pragma once

#include "base/budget.hpp"
#include "base/log.hpp"
#include "http/handler.hpp"
#include "http/listen/hosts.hpp"
#include "http/overload/connection_table.hpp"
#include "http/overload/current_limits.hpp"
#include "http/overload/in_flight.hpp"
#include "http/overload/refusals.hpp"
#include "http/overload/reserve_fds.hpp"
#include "metrics/metrics.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::http {

struct ServerState {
    ServerState(const HttpLimits &first_limits, const std::vector<std::string> &first_hosts, std::shared_ptr<Handler> the_handler,
                std::shared_ptr<metrics::Metrics> the_metrics, std::shared_ptr<Budget> the_memory, Log the_log)
        : handler(std::move(the_handler)), metrics(std::move(the_metrics)), log(the_log), limits(first_limits),
          hosts(first_hosts), refusals(std::move(the_log)), bodies(std::move(the_memory)) {}

    // An internal error at a request; message describes it.
    void faulted(std::string_view message) {
        ++faults;
        log->error("{}", message);
    }

    const std::shared_ptr<Handler> handler;
    const std::shared_ptr<metrics::Metrics> metrics;
    const Log log;
    CurrentLimits limits;
    AllowedHosts hosts;
    Refusals refusals;
    std::atomic<std::uint64_t> faults = 0;
    std::atomic<std::uint64_t> abandoned = 0; // requests whose clients left before they were whole
    InFlight in_flight;
    ConnectionTable connections;
    ReserveFds reserve_fds;
    Budget requests;                      // that are worked on, or wait for it
    const std::shared_ptr<Budget> bodies; // their memory
};

} // namespace rsf::http
