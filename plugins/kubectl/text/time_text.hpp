// SPDX-License-Identifier: Apache-2.0
//
// Times as the API and HTTP write them, in seconds since 1970 (UTC). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rsf::kubectl::text {

// "2026-12-01T05:09:02Z", which is how Kubernetes writes metav1.Time; a fraction is left out. None: it is something else.
std::optional<std::int64_t> read_time(std::string_view text);

// "Tue, 01 Dec 2026 05:09:11 GMT" (RFC 9110, 5.6.7). None: it is something else.
std::optional<std::int64_t> read_http_date(std::string_view text);

} // namespace rsf::kubectl::text
