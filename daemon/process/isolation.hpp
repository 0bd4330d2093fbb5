// SPDX-License-Identifier: Apache-2.0
//
// Where drivers live: in the daemon, or each instance in a process of its own.
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

// What one instance is made for, and of.
struct Residence {
    std::string target; // what the settings call it
    Isolation isolation = Isolation::process;
    std::string program = "/proc/self/exe"; // what a process of its own runs: the daemon's program
    ProcessLimits limits;
    std::vector<std::string> secrets{};        // texts in the settings that nobody is told, besides those that the schema says
    std::chrono::milliseconds timeout{60'000}; // for calls that have no deadline of their own
    std::chrono::milliseconds patience{5'000}; // after a deadline, before its process is ended
    std::function<void()> restarting{};        // called each time that its process is started again, on any thread; may be empty
};

// Finds out what a driver says of itself in a process of its own, which is ended for it. Nobody said yet whom the driver is to
// run as: where the daemon is root, that process is nobody's.
drivers::Describe describe_apart(std::string program = "/proc/self/exe");

// Checks settings against the driver's schema, fills in defaults and creates the instance. others: what it may ask of other
// targets; null: nothing.
Result<std::unique_ptr<drivers::Driver>> create_driver(std::shared_ptr<const drivers::DriverKind> kind,
                                                       const Residence &residence, const boost::json::object &settings, Log log,
                                                       std::shared_ptr<drivers::OtherTargets> others = nullptr);

} // namespace rsf::process
