// SPDX-License-Identifier: Apache-2.0
//
// What became of a write of which nobody knows whether it happened. The driver is asked, if it can tell (rsf.settle/1); else the
// live object is compared with what was to be written.
#pragma once

#include "drivers/driver.hpp"
#include "graph/deleted_objects.hpp"
#include "parse/configuration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace rsf::run {

struct Settled {
    drivers::Settlement::How how;
    drivers::Success live{}; // done, but for deletes: the object
    std::string why{};       // unknown: what was seen, a sentence
};

// Blocks in the driver, until the call's deadline at the most. write: the call of which nobody knows.
Settled settle(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write);

// The object that a write is about, read again and again while the cluster, or a driver process that has just been started again,
// does not answer, until the call's deadline at the most. properties: what the object was to be.
Result<graph::LiveObject> read_patiently(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write,
                                         const boost::json::object &properties);

// Whether all that was posted is in the live object: members that a cluster fills in do not count. Pure.
bool is_as_posted(const boost::json::value &posted, const boost::json::value &live);

} // namespace rsf::run
