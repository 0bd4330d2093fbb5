// SPDX-License-Identifier: Apache-2.0
//
// Resources of a configuration that are one object of the cluster, as the driver tells them apart. Pure.
#pragma once

#include "base/error.hpp"
#include "graph/schedule.hpp"
#include "parse/configuration.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace rsf::graph {

// For each resource the first one that is the same object, itself where there is none before it. Empty: all are objects of their
// own.
using SameObjects = std::vector<std::size_t>;

// A driver says that two resources are one object by an order that puts each of them before the other (rsf.order/1). Takes the
// second of both edges out of order, so that they go one after the other. Refused when resources that are to be created as one
// object differ in more than the namespace, which one of them may leave to a default. A delete removes the object once.
Result<SameObjects> find_same_objects(const parse::Configuration &configuration, Direction direction,
                                      std::vector<OrderEdge> &order);

// "the same object (ConfigMap default/twin)", as far as the resource says what it is.
std::string same_object_in_words(const boost::json::object &identity, const std::string &name);

} // namespace rsf::graph
