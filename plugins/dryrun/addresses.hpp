// SPDX-License-Identifier: Apache-2.0
//
// addresses.hpp: the addresses and ports that the simulated cluster gives out. Thread-safe.
//
//     10.96.0.0/12      Services (clusterIP), Kubernetes' usual range
//     10.128.0.0/14     Pods
//     198.18.0.0/15     load balancers (RFC 2544: never a host's)
//     30000 to 32767    node ports
//
// Which one an object gets follows from its name, as long as no other holds it: the same objects get the same addresses, in
// whatever order they are made. The low end of the Services' and the node ports' range is left to those who ask for a certain one
// (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
#pragma once

#include "faults.hpp"
#include "values.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::dryrun {

// Numbers from a range, each given to one holder at a time. Thread-safe.
class Pool {
  public:
    // first to last can be asked for, chosen_from to last are also given out.
    Pool(std::uint32_t first, std::uint32_t last, std::uint32_t chosen_from)
        : first_(first), last_(last), chosen_from_(chosen_from) {}

    bool has(std::uint32_t number) const { return number >= first_ && number <= last_; }
    bool take(std::uint32_t number); // false: somebody holds it
    // The one that seed leads to, or the next free one after it. Absent: all are held.
    std::optional<std::uint32_t> choose(std::uint64_t seed);
    void give_back(std::uint32_t number);

  private:
    const std::uint32_t first_, last_, chosen_from_;
    std::mutex mutex_;
    std::set<std::uint32_t> held_; // guarded by mutex_
};

class Addresses {
  public:
    using Holding = std::pair<Pool *, std::uint32_t>;

    // What a write takes, given back unless the write succeeds. Not thread-safe.
    class Claim {
      public:
        Claim() = default;
        Claim(const Claim &) = delete;
        Claim &operator=(const Claim &) = delete;
        ~Claim() { give_back(); }

        void keep() { taken_.clear(); }

      private:
        friend class Addresses;
        void give_back();
        std::vector<Holding> taken_;
    };

    // Fills a Service's, Pod's or Ingress's addresses in where there are none, and takes those that it asks for. held: what is
    // replaced, whose addresses it keeps; or null. Faults tell what can't be had.
    void fill(json::object &object, const json::object *held, Claim &claim, Faults &faults);

    // Everything that an object holds, for when the store is loaded. False: something else holds some of it.
    bool take(const json::object &object);

    // What held had and successor (or null) has not.
    void give_back(const json::object &held, const json::object *successor);

  private:
    void fill_service(json::object &object, const json::object *held, const std::string &seed, Claim &claim, Faults &faults);
    void fill_cluster_ip(json::object &object, const std::set<Holding> &before, const std::string &seed, Claim &claim,
                         Faults &faults);
    void fill_node_ports(json::object &object, const json::object *held, const std::set<Holding> &before, const std::string &seed,
                         Claim &claim, Faults &faults);
    void fill_load_balancer(json::object &object, const json::object *held, const std::string &seed, Claim &claim,
                            Faults &faults);
    std::optional<std::uint32_t> choose(Pool &pool, const std::string &seed, Claim &claim);
    std::set<Holding> held_by(const json::object &object);

    Pool services_{0x0A600000, 0x0A6FFFFF, 0x0A600100};
    Pool pods_{0x0A800001, 0x0A83FFFE, 0x0A800001};
    Pool load_balancers_{0xC6120001, 0xC613FFFE, 0xC6120001};
    Pool node_ports_{30000, 32767, 30086};
};

} // namespace rsf::dryrun
