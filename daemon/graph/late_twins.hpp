// SPDX-License-Identifier: Apache-2.0
//
// Resources that turn out to be one object of the cluster only once references in their identity are filled in. Pure; not
// thread-safe.
#pragma once

#include "parse/configuration.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rsf::graph {

class LateTwins {
  public:
    // configuration must outlive it.
    explicit LateTwins(const parse::Configuration &configuration) : configuration_(configuration) {}

    // The other resources that now have this resource's name, and its namespace or none, as posted or as filled in before: a
    // driver can say whether they are the same object. None for a resource whose identity held no reference. filled_in: its
    // properties. unknown: JSON Pointers of what in them is not known yet (Step); it has no twins while that is part of its
    // identity.
    std::vector<std::size_t> of(std::size_t resource, const boost::json::object &filled_in,
                                const std::vector<std::string> &unknown);

    // The resource is not written, so that none can be its twin.
    void leave_out(std::size_t resource);

    // What identifies a resource's object (apiVersion, kind, name and namespace), as far as it is known.
    boost::json::object identity(std::size_t resource) const;

  private:
    using Key = std::pair<std::string, std::string>; // name and namespace, which is empty where none is named

    void learn_posted();

    const parse::Configuration &configuration_;
    std::map<std::size_t, boost::json::object> filled_in_; // identities that held references
    std::multimap<Key, std::size_t> by_key_;               // empty until it is needed
};

} // namespace rsf::graph
