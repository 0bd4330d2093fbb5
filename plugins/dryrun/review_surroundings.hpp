// SPDX-License-Identifier: Apache-2.0
//
// review_surroundings.hpp: what some resources of a configuration change about how the cluster takes the others. A dry run asks
// the cluster as it is now, so a plan can only say that there is such a thing. Constant once all resources were added.
#pragma once

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

class Surroundings {
  public:
    // In the order of the configuration. ns: where an object goes that names no namespace; empty: not known.
    void add(const json::object &object, std::string_view ns);

    // What to say of making or changing that resource, for the sake of the others: a sentence, or empty. It is a quota or limit
    // of a namespace that others are in, or has a part in admission.
    std::string warning(std::size_t resource) const;

  private:
    enum class Reach { nothing, its_namespace, everything };
    struct Entry {
        Reach reach = Reach::nothing; // whom it changes anything for
        bool in_namespace = false;
        std::string ns; // empty: the target's own
    };
    static Reach reach_of(const std::string &kind);

    std::vector<Entry> entries_;
};

} // namespace rsf::dryrun
