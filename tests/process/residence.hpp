// SPDX-License-Identifier: Apache-2.0
//
// Drivers of tests/bad_drivers, made where RSF_TEST_ISOLATION says: "process", or in the test itself.
#pragma once

#include "drivers/scratch.hpp"
#include "process/isolation.hpp"
#include "support/log_lines.hpp"

#include <memory>
#include <string>

namespace rsf::process::test {

using namespace drivers::test;

// "warning target=prod ..."
struct LevelLines : rsf::test::Lines {
    LevelLines() : Lines("%l %v") {}
};

Isolation wanted_isolation();

// For target 'prod'; processes are of the daemon that was built with the test.
InstanceOptions instance_options(Isolation isolation = wanted_isolation());

// spoken: the ABI that is claimed to be spoken here.
Result<std::shared_ptr<const drivers::DriverKind>> kind_of(const std::string &name,
                                                           drivers::AbiVersion spoken = drivers::own_abi());

Result<std::unique_ptr<drivers::Driver>> create(const std::string &name, const std::string &settings = "{}",
                                                Log log = silent_log());
std::unique_ptr<drivers::Driver> made(const std::string &name, const std::string &settings = "{}", Log log = silent_log());

} // namespace rsf::process::test
