// SPDX-License-Identifier: Apache-2.0
//
// Requests that a page of another origin makes a browser send. Pure.
#pragma once

#include "api/answer/problems.hpp"

#include <optional>

namespace rsf::api {

// A 403 problem where a browser says that a page which is not the daemon's own sends a request that may change something: by
// Sec-Fetch-Site (Fetch Metadata) or by Origin (RFC 6454). A page on another port of the same host is not the daemon's own.
std::optional<Problem> refuse_foreign_page(const Request &request);

} // namespace rsf::api
