// SPDX-License-Identifier: Apache-2.0
//
// Where drivers run: in the daemon, or each instance in a process of its own.
#pragma once

#include "base/log.hpp"
#include "drivers/driver.hpp"
#include "drivers/other_targets.hpp"
#include "drivers/registry.hpp"
#include "process/limits.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace rsf::process {

enum class Isolation { process, none };

// What an instance is created with, besides its driver and settings.
struct InstanceOptions {
    std::string target; // its name in the settings
    Isolation isolation = Isolation::process;
    std::string program = "/proc/self/exe"; // what a driver process runs: the daemon's program
    ProcessLimits limits;
    std::vector<std::string> secrets{};             // secret texts in the settings, besides those that the schema marks
    std::chrono::milliseconds timeout{60'000};      // for calls that have no deadline of their own
    std::chrono::milliseconds abandon_after{5'000}; // after a deadline, before its process is ended
    std::function<void()> restarting{}; // called each time that its process is started again, on any thread; may be empty
};

// Reads a driver's descriptor in a process of its own, which is ended afterwards. No settings say yet which user the driver runs
// as: where the daemon is root, that process runs as the user "nobody".
drivers::Describe describe_apart(std::string program = "/proc/self/exe");

// Checks settings against the driver's schema, fills in defaults and creates the instance. others: the other targets that it may
// call; null: none.
Result<std::unique_ptr<drivers::Driver>> create_driver(std::shared_ptr<const drivers::DriverKind> kind,
                                                       const InstanceOptions &wanted, const boost::json::object &settings,
                                                       Log log, std::shared_ptr<drivers::OtherTargets> others = nullptr);

} // namespace rsf::process
