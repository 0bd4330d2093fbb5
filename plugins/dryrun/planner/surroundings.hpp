// SPDX-License-Identifier: Apache-2.0
//
// surroundings.hpp: resources of a configuration that change how the cluster admits the others: quotas, limits, webhooks,
// policies. A dry run is answered by the cluster as it is now, so that the plan can only warn of them. Constant, and so
// thread-safe, once all resources are added.
#pragma once

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::planner {

class Surroundings {
  public:
    // In the order of the configuration. ns: the namespace of an object that names none; empty: not known.
    void add(const json::object &object, std::string_view ns);

    // A sentence for the step of that resource, if it limits or admits others of the configuration; else empty.
    std::string warning(std::size_t resource) const;

  private:
    enum class Reach { nothing, its_namespace, everything };
    struct Entry {
        Reach reach = Reach::nothing; // the objects whose admission it changes
        bool in_namespace = false;
        std::string ns; // empty: the target's own
    };
    static Reach reach_of(const std::string &kind);

    std::vector<Entry> entries_;
};

} // namespace rsf::dryrun::planner
