// SPDX-License-Identifier: Apache-2.0
//
// The metrics of one target, by its name. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

namespace rsf::metrics {

enum class MeteredVerb { list, get, create, replace, remove, apply };

// How an operation ended.
enum class OperationResult {
    done,      // all of it was done
    partly,    // some resources failed
    failed,    // nothing of it was done
    refused,   // nothing was tried: the queue is full, the driver lacks the ability, or there is no order
    cancelled, // the client went away from a read or a plan
    absent,    // a read of what is not there
    planned,   // only planned
};

// How a resource of a write or a plan ended.
enum class ResourceResult { created, replaced, unchanged, deleted, failed, aborted, unknown, planned };

// What one instance of a target is doing at this moment.
struct TargetNow {
    std::size_t queued = 0;                     // calls that wait for a thread
    std::size_t running = 0;                    // calls in the driver
    std::size_t lost = 0;                       // calls given up that never returned
    std::optional<bool> ready;                  // none: this one has no readiness
    pid_t process = 0;                          // the driver process; 0: none, or none now
    std::optional<double> credentials_expire{}; // in seconds since 1970; none: it is not known
};

class TargetMetrics {
  public:
    // took: none for what was refused.
    void operation(MeteredVerb verb, OperationResult result, std::optional<std::chrono::nanoseconds> took);
    void resources(MeteredVerb verb, ResourceResult result, std::size_t count);
    void driver_restarted();

    // As Metrics::watch(). Of several instances under the name, the one added last says whether it is ready, and the other values
    // are added up.
    [[nodiscard]] std::shared_ptr<void> watch(std::function<TargetNow()> read);

    class Series;
    explicit TargetMetrics(std::unique_ptr<Series> series);
    ~TargetMetrics();
    Series &series() { return *series_; }

  private:
    const std::unique_ptr<Series> series_;
};

} // namespace rsf::metrics
