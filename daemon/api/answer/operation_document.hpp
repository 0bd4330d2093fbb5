// SPDX-License-Identifier: Apache-2.0
//
// Operations as documents, and times as texts. Pure.
#pragma once

#include "operations/queue_place.hpp"
#include "store/record.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rsf::api {

boost::json::object operation_document(const store::Summary &operation, const std::optional<operations::QueuePlace> &queue);
// With its resources.
boost::json::object operation_document(const store::Operation &operation, const std::optional<operations::QueuePlace> &queue);
boost::json::object step_document(const store::Step &step);

// RFC 3339 in UTC with milliseconds: "2026-11-30T10:15:00.123Z".
std::string time_text(store::Time time);
// Of a date and a time with an offset, as RFC 3339 has them; none: it is no such text.
std::optional<store::Time> read_time(std::string_view text);

} // namespace rsf::api
