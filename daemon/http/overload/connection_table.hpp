// SPDX-License-Identifier: Apache-2.0
//
// The connections that are open, and the places for more. At the limit, the one that has waited the longest for its client is
// evicted for a new one: one that is idle, else one whose client is slow. When none waits, new ones come into a small reserve,
// where heads are read but little is answered; there the oldest is evicted for the next. Thread-safe.
#pragma once

#include "http/overload/waiting.hpp"
#include "shared/mutex.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

namespace rsf::http {

class Connection;

enum class Seat { ordinary, reserve, reserve_fd }; // reserve_fd: in the reserve, on a reserve descriptor

class ConnectionTable {
  public:
    static constexpr std::size_t reserve = 64;

    struct Admission {
        bool admitted = false;
        Seat seat = Seat::ordinary;
        bool evicted = false; // another connection is closed for it
    };

    // A place for one more, which add() then takes.
    Admission admit(std::size_t limit);
    // The same in the reserve, whatever the limit.
    Admission admit_to_reserve();
    // Closes the connection that has waited the longest in the reserve, if one waits.
    bool drop_from_reserve();
    // Closes connections that wait, until there are no more than limit or none waits. How many.
    std::size_t shrink(std::size_t limit);
    // Closes connection, which now waits for a request, if there are more than limit: it was busy when the limit was lowered.
    bool shrink_by(const Connection &connection, std::size_t limit);

    void add(const std::shared_ptr<Connection> &connection);
    void remove(const Connection *connection);
    // Frees a place whose connection could not be started. connection: null, or what was made of it.
    void give_back(Seat seat, const Connection *connection);
    std::vector<std::shared_ptr<Connection>> all() const;
    std::size_t count() const;

  private:
    using Clock = Waiting::Clock;
    using Map = std::unordered_map<const Connection *, std::weak_ptr<Connection>>;
    struct Candidate {
        const Connection *connection; // may be destroyed already
        Waiting::Seen seen;
    };

    bool evict_ordinary() REQUIRES(mutex_);
    bool evict_reserved() REQUIRES(mutex_);
    bool claim(const Map &among, const Candidate &candidate) const;
    void find_candidates(Clock::time_point now) REQUIRES(mutex_);

    mutable shared::Mutex mutex_;
    std::atomic<std::size_t> ordinary_taken_ = 0; // places; claimed connections no longer count. Changed under mutex_
    Map ordinary_ GUARDED_BY(mutex_);
    Map reserved_ GUARDED_BY(mutex_);
    std::size_t reserved_taken_ GUARDED_BY(mutex_) = 0;
    std::vector<Candidate> candidates_ GUARDED_BY(mutex_); // those that had waited the longest at the last scan, the longest last
    Clock::time_point scanned_at_ GUARDED_BY(mutex_){};    // when they were found
    Clock::time_point none_found_at_ GUARDED_BY(mutex_){}; // when a scan found none
};

} // namespace rsf::http
