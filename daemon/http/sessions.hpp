// SPDX-License-Identifier: Apache-2.0
//
// The connections that are open, and the places for more. At the limit, the one that has waited the longest for its client makes
// place for a new one: one that is idle, else one whose client is slow. When none waits, new ones come into a small reserve,
// where heads are read but little is answered, and the oldest there makes place for the next. Thread-safe.
#pragma once

#include "http/waiting.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace rsf::http {

class Session;

enum class Seat { ordinary, reserve, spare }; // spare: in the reserve, on a descriptor that was kept for it

class Sessions {
  public:
    static constexpr std::size_t reserve = 64;

    struct Admission {
        bool admitted = false;
        Seat seat = Seat::ordinary;
        bool displaced = false; // another connection is closed for it
    };

    // A place for one more, which add() then takes.
    Admission admit(std::size_t limit);
    // The same in the reserve, whatever the limit.
    Admission admit_to_reserve();
    // Closes the connection that has waited there the longest, if one waits.
    bool drop_from_reserve();
    // Closes connections that wait, until there are no more than limit or none waits. How many.
    std::size_t shrink(std::size_t limit);
    // Closes this one, which waits for a request now, if there are more than limit: it was at work when that went down.
    bool shrink_by(const Session &session, std::size_t limit);

    void add(const std::shared_ptr<Session> &session);
    void remove(const Session *session);
    // A place that comes to nothing. session: null, or as far as it came.
    void give_back(Seat seat, const Session *session);
    std::vector<std::shared_ptr<Session>> all() const;
    std::size_t count() const;

  private:
    using Clock = Waiting::Clock;
    using Map = std::unordered_map<const Session *, std::weak_ptr<Session>>;
    struct Candidate {
        const Session *session; // may be gone
        Waiting::Seen seen;
    };

    bool displace_ordinary();
    bool displace_reserved();
    bool claim(const Map &among, const Candidate &candidate) const;
    void look_for_candidates(Clock::time_point now);

    mutable std::mutex mutex_;
    // guarded by mutex_:
    Map ordinary_, reserved_;
    std::atomic<std::size_t> ordinary_taken_ = 0; // places: those that are claimed have none any more. Also read without mutex_
    std::size_t reserved_taken_ = 0;
    std::vector<Candidate> candidates_;    // those that waited the longest when it was looked, the longest last
    Clock::time_point looked_at_{};        // when those were found
    Clock::time_point nobody_waited_at_{}; // when it was looked in vain
};

} // namespace rsf::http
