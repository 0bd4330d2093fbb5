// SPDX-License-Identifier: Apache-2.0
//
// The last check of a request before it is written to a connection: its bytes can't be read as two requests or as another one.
// Pure; thread-safe.
#pragma once

#include "kubectl/transports/proxy/connection.hpp"

#include <string_view>

namespace rsf::kubectl::transports {

// Each returns what is wrong, as a clause that ends a sentence, or nullptr.

// An absolute path and perhaps a query, of visible ASCII; no segment of the path is empty, "." or "..", or becomes several once a
// server decodes it.
const char *fault_of_target(std::string_view target);

// Of visible ASCII: no header of ours needs a space.
const char *fault_of_header_value(std::string_view value);

// Whether a request's id, which may be a stranger's, can go on as Audit-ID and in a comment of the User-Agent: 1 to 64 letters,
// digits and "-._:". The API server shows no more than 64 characters of it.
bool is_audit_id(std::string_view text);

// Throws Error (invalid) for a request that could be read as another one.
void check_request(const HttpRequest &request);

} // namespace rsf::kubectl::transports
