// SPDX-License-Identifier: Apache-2.0
//
// addresses.hpp: the addresses and ports that the simulated cluster gives out. Thread-safe.
//
//     10.96.0.0/12      Services (clusterIP), Kubernetes' usual range
//     10.128.0.0/14     Pods
//     198.18.0.0/15     load balancers (RFC 2544: never a host's)
//     30000 to 32767    node ports
//
// An object's address follows from its name unless another object has it, so that the same objects get the same addresses in any
// order of creation. The low end of the Services' and the node ports' range is left to Services that ask for a certain one
// (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
#pragma once

#include "dryrun/objects/values.hpp"
#include "faults.hpp"
#include "shared/mutex.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::dryrun::simulator {

// Numbers from a range, each given to one holder at a time. Thread-safe.
class Pool {
  public:
    // Numbers from first to last can be asked for; those from chosen_from on are also chosen.
    Pool(std::uint32_t first, std::uint32_t last, std::uint32_t chosen_from)
        : first_(first), last_(last), chosen_from_(chosen_from) {}

    bool has(std::uint32_t number) const { return number >= first_ && number <= last_; }
    bool take(std::uint32_t number); // false: it is in use
    // The number that follows from seed, or the next free one after it. Absent: none is free.
    std::optional<std::uint32_t> choose(std::uint64_t seed);
    void give_back(std::uint32_t number);

  private:
    const std::uint32_t first_, last_, chosen_from_;
    shared::Mutex mutex_;
    std::set<std::uint32_t> held_ GUARDED_BY(mutex_);
};

class Addresses {
  public:
    using Holding = std::pair<Pool *, std::uint32_t>;

    // The addresses that a write takes; given back unless the write succeeds. Not thread-safe.
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

    // Chooses the addresses that a Service, Pod or Ingress lacks, and takes those that it asks for. held: the object that it
    // replaces and whose addresses it keeps, or null. Adds a fault for an address that can't be taken.
    void fill(json::object &object, const json::object *held, Claim &claim, Faults &faults);

    // Takes all addresses of an object that was loaded. false: another object has one of them.
    bool take(const json::object &object);

    // Gives back the addresses of held that successor (or null) does not have.
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

} // namespace rsf::dryrun::simulator
