// SPDX-License-Identifier: Apache-2.0
//
// The last look at a request before it is written to a connection: whatever made it, the server reads one request in it, and the
// one that was meant. Pure; thread-safe.
#pragma once

#include "connection.hpp"

#include <string_view>

namespace rsf::kubectl {

// Each returns what is wrong, as a clause that ends a sentence, or nullptr.

// An absolute path and perhaps a query, of visible ASCII; no segment of the path is empty, "." or "..", or becomes several once a
// server decodes it.
const char *fault_of_target(std::string_view target);

// Of visible ASCII: no header of ours needs a space.
const char *fault_of_header_value(std::string_view value);

// Throws Error (invalid) for a request that could be read as another one.
void check_request(const HttpRequest &request);

} // namespace rsf::kubectl
