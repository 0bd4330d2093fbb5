// SPDX-License-Identifier: Apache-2.0
//
// What the daemon counts and measures of itself, in the form that Prometheus reads. Thread-safe; telling it something takes no
// lock that all threads share. docs/operating.md says what each metric means.
#pragma once

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

// The route of the API that a request got to.
enum class MeteredRoute { none, health, live, ready, metrics, openapi, targets, target, configurations, list, get };

// What a server is doing at this moment.
struct ServerNow {
    std::size_t requests = 0; // under way
    std::size_t connections = 0;
    std::vector<std::pair<std::string_view, std::uint64_t>> refused; // since it began, by reason: always the same reasons
    std::uint64_t faults = 0; // since it began: connections on which the daemon itself failed
};

class Metrics {
  public:
    Metrics();
    ~Metrics(); // what was had of it may live on

    // A request was answered, took from its first byte to the last of its answer. method: as the client wrote it.
    void request(MeteredRoute route, std::string_view method, unsigned status, std::chrono::nanoseconds took);

    // The settings were read anew: taken over, or refused.
    void reloaded(bool well);

    // Those of a target, which all instances under that name share; they begin anew once nobody has them.
    std::shared_ptr<TargetMetrics> target(const std::string &name);

    // look: called for each text(), on the thread that asks for it; must not wait. Not called any more once the result is gone,
    // which waits for a look that is under way.
    [[nodiscard]] std::shared_ptr<void> watch(std::function<ServerNow()> look);

    // Everything, in Prometheus' text format, version 0.0.4. Looks at what is watched and into /proc.
    std::string text() const;

  private:
    struct Core; // shared with the targets' metrics
    const std::shared_ptr<Core> core_;
};

// What text() is labelled with.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

} // namespace rsf::metrics
