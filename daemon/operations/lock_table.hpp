// SPDX-License-Identifier: Apache-2.0
//
// One writer per object: who holds which objects of a target, and who waits for whom. A ticket names all its objects at once and
// waits for the earlier tickets that name one of them, so that turns are taken in order and nothing can wait in a circle. Pure.
// Not thread-safe: its owner locks.
#pragma once

#include "store/record.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rsf::operations {

class LockTable {
  public:
    using Ticket = std::uint64_t; // each greater than all before it
    using Time = std::chrono::steady_clock::time_point;

    // objects: what it names; one without a kind names nothing. The group does not count, since kinds move from group to group;
    // an object without a namespace is the same as any of its kind and name, since the cluster knows which namespace is meant.
    Ticket take(const std::string &target, const std::vector<store::Step> &steps);
    // Of each of these whether an earlier ticket names its object still, or did so within the last seconds: clusters keep times
    // in whole seconds, which may not tell the two writes apart. Before take().
    std::vector<bool> just_written(const std::string &target, const std::vector<store::Step> &steps, Time now) const;

    // How many earlier tickets it waits for; 0: it has its turn.
    std::size_t waits_for(Ticket ticket) const;
    // The last of those that it waits for, which it comes right behind; 0: it has its turn.
    Ticket behind(Ticket ticket) const;

    static constexpr std::chrono::seconds close_together{3}; // a second of the cluster's on each side, and the way there and back

    // Gives its objects back, or its place in the queue. Those that have their turn now. Does nothing if it has none.
    std::vector<Ticket> release(Ticket ticket, Time now);

  private:
    using Name = std::array<std::string, 3>; // target, kind and name
    struct Place {
        Ticket ticket;
        std::string ns;
    };
    struct Holder {
        std::vector<Name> names;
        std::set<Ticket> before;   // those that it waits for
        std::vector<Ticket> after; // those that wait for it
    };

    Ticket last_ = 0;
    std::map<Ticket, Holder> holders_;
    std::map<Name, std::vector<Place>> places_;  // in the order of their tickets
    std::map<Name, Time> released_;              // within the last seconds
    std::deque<std::pair<Time, Name>> releases_; // the same, oldest first; of one name all
};

} // namespace rsf::operations
