// SPDX-License-Identifier: Apache-2.0
//
// Whether what the daemon says of its writes to one object can be true, given what the object was before and is now. Pure.
#pragma once

#include "crash/history.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rsf::test::crash {

// Faults that are known. Each is counted, and is a failure unless it is tolerated.
enum class Known {
    unknown_of_queued, // an operation that had not begun at the crash has resources of which it says Unknown
    equal_before,      // Created, though an equal object was there before
    deleted_later,     // a delete that was done is done again, on an object that was made anew since
    done_but_failed,   // Failed, or Aborted by a failure, though it was done
};
inline constexpr std::size_t known_count = 4;
std::string_view sentence_of(Known known);

struct Verdict {
    std::vector<Known> known; // what has to be taken for granted to explain it
    std::string wrong;        // what nothing explains; or empty
    bool is_open = false;     // there are too many orders to look at
};

// Of one object between two moments at which no operation was under way. before, now: its marker; none: it is not there.
// events: what the cluster did with it meanwhile; none: nobody knows.
Verdict judge(const std::optional<std::string> &before, const std::optional<std::string> &now, const std::vector<Step> &steps,
              const std::vector<Event> *events);

// The same as lines for people.
std::string story_of(const std::optional<std::string> &before, const std::optional<std::string> &now,
                     const std::vector<Step> &steps, const std::vector<Event> *events);

} // namespace rsf::test::crash
