// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done whose answer was lost, by the object that is there: who made it and when, who wrote it, what is in it.
// Pure; thread-safe. What metadata.managedFields holds: https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include "kubectl/api/bodies/posted.hpp"

#include <resourcifier/driver.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace rsf::kubectl::api {

// A time by the cluster's clock, in milliseconds since 1970: not before from, and before until.
struct TimeSpan {
    std::int64_t from = 0, until = 0;
};

// Before which nothing of the call was done, by the cluster's clock. date: what that said, in whole seconds, between two times
// of this one's clock in milliseconds. None: it is not known.
struct ClockReading {
    std::optional<std::int64_t> date;
    std::int64_t before = 0, after = 0;
};
std::optional<TimeSpan> began_by_cluster(const Call &call, const ClockReading &clock);

// live: null: the object is not there. manager: the field manager of this driver's writes. pins: whether the transport can do the
// verb only to the object that was seen.
Settlement settlement_of(const Call &call, const Posted &posted, const json::object *live, const std::optional<TimeSpan> &began,
                         std::string_view manager, bool pins);

// Of milliseconds since 1970, by this one's clock.
std::int64_t clock_now();

} // namespace rsf::kubectl::api
