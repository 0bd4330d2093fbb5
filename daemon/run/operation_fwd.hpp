// SPDX-License-Identifier: Apache-2.0
//
// Forward declarations of the types of run/operation.hpp, for headers that only name them: operation.hpp takes all of Boost.JSON.
#pragma once

#include "drivers/call_fwd.hpp"

#include <boost/system/result.hpp>

namespace rsf::parse {
struct Configuration;
} // namespace rsf::parse

namespace rsf::run {

struct Operation;
struct PlannedStep;
struct PlanOutcome;

// Every resource with its final state, in the order posted; or why nothing was touched: invalid (references, cycles), unavailable
// (queue full, wedged, going down), unsupported (the driver does not do this verb), timeout or internal (the driver could not
// tell its order), or what an observer refuses it with.
using Report = boost::system::result<parse::Configuration, drivers::Failure>;

using PlanReport = boost::system::result<PlanOutcome, drivers::Failure>;

} // namespace rsf::run
