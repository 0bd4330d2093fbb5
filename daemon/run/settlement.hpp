// SPDX-License-Identifier: Apache-2.0
//
// What became of a write of which nobody knows whether it happened. The driver is asked, if it can tell (rsf.settle/1); else the
// live object is compared with what was to be written, which tells less: where it leaves two answers, neither is given.
#pragma once

#include "drivers/driver.hpp"
#include "graph/deleted_objects.hpp"
#include "parse/configuration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace rsf::run {

struct Settled {
    drivers::Settlement::How how;
    drivers::Success live{}; // done, but for deletes: the object
    std::string why{};       // unknown: what was seen, a sentence
    std::string revision{};  // not done: of the object that is there; empty: none is, or it is not known
};

// Blocks in the driver, until the call's deadline at the most. write: the call of which nobody knows.
Settled settle(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write);

// The object that a write is about, read again and again while the cluster, or a driver process that has just been started again,
// does not answer, until the call's deadline at the most. properties: what the object was to be.
Result<graph::LiveObject> read_patiently(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write,
                                         const boost::json::object &properties);

// Adds a sentence to what a failure says; without memory for it, nothing.
void add_sentence(drivers::Failure &failure, std::string_view sentence, std::string_view rest = {}) noexcept;

} // namespace rsf::run
