// SPDX-License-Identifier: Apache-2.0
//
// The daemon's metrics, in Prometheus' format. Thread-safe; recording takes no lock that all threads share. docs/operating.md
// says what each metric means.
#pragma once

#include "metrics/metered_route.hpp"
#include "metrics/target_metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::metrics {

// What a server is doing at this moment.
struct ServerNow {
    std::size_t requests = 0; // under way
    std::size_t connections = 0;
    std::vector<std::pair<std::string_view, std::uint64_t>> refused; // since it began, by reason: always the same reasons
    std::uint64_t faults = 0;    // since it began: connections on which the daemon itself failed
    std::uint64_t abandoned = 0; // since it began: requests whose clients left before they were whole
};

// What is under way and what keeps it, at this moment.
struct OperationsNow {
    bool store_works = true;
    struct OnTarget {
        std::string target;
        std::size_t running = 0, waiting = 0; // waiting: for objects that others write
    };
    std::vector<OnTarget> targets;
};

class Metrics {
  public:
    Metrics();
    ~Metrics(); // objects that were got from it may outlive it

    // A request was answered, took from its first byte to the last of its answer. method: as the client wrote it.
    void request(MeteredRoute route, std::string_view method, unsigned status, std::chrono::nanoseconds took);

    // The settings were reloaded, or the reload was refused.
    void reloaded(bool well);

    // Those of a target, which all instances under that name share; they begin anew once no instance holds them.
    std::shared_ptr<TargetMetrics> target(const std::string &name);

    // read: called for each text(), on the thread that calls it; must not wait. Not called any more once the result is destroyed,
    // which waits for a call that is under way.
    [[nodiscard]] std::shared_ptr<void> watch(std::function<ServerNow()> read);
    [[nodiscard]] std::shared_ptr<void> watch(std::function<OperationsNow()> read);

    // Everything, in Prometheus' text format, version 0.0.4. Reads the watched values and /proc.
    std::string text() const;

  private:
    struct Core; // shared with the targets' metrics
    const std::shared_ptr<Core> core_;
};

// What text() is labelled with.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

} // namespace rsf::metrics
