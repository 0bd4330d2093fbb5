// SPDX-License-Identifier: Apache-2.0
//
// The objects of truth.yaml: five of each kind.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

struct Specimen {
    std::string name; // of the resource and of the object
    std::string variant;
    boost::json::object live;   // empty: not there yet
    boost::json::object posted; // what it is meant to become; of one that goes, what is live
    std::vector<std::string> assigned;

    std::string kind() const { return std::string(live_or_posted().at("kind").as_string()); }
    const boost::json::object &live_or_posted() const { return live.empty() ? posted : live; }
};

struct Specimens {
    boost::json::array before; // objects that the others need
    std::vector<Specimen> all;

    std::vector<const Specimen *> of(std::initializer_list<std::string_view> variants) const;
    std::size_t kinds() const;
};

Specimens read_specimens();

// A body for the daemon, of what is posted.
std::string configuration_of(const std::vector<const Specimen *> &specimens);

// A List for kubectl.
std::string list_of(const boost::json::array &objects);

// Who an object is: "Deployment.apps/truth/web". An object of an API that has it in several versions is the same in each.
std::string identity_of(const boost::json::object &object);

// object, as the server has it, without what it keeps for itself. This list is made without looking at the planning driver's.
boost::json::value without_bookkeeping(boost::json::object object, const std::vector<std::string> &assigned);

// Where and how two values first differ, or empty.
std::string difference(const boost::json::value &one, const boost::json::value &other, const std::string &path = {});

} // namespace rsf::test
