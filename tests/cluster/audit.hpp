// SPDX-License-Identifier: Apache-2.0
//
// What the API server of the shared control plane noted of each request (audited_plane.hpp).
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

// Bytes of the log so far: where to read on from.
std::size_t audit_size();

// What the API server noted, request by request, of those that have ended; waits until all that began have. Not what the control
// plane does by itself, and no watches.
std::vector<boost::json::object> audited(std::size_t from);

// URIs of watches that were begun by whoever calls itself so.
std::vector<std::string> watches_of(std::string_view agent, std::size_t from);

bool is_write(const boost::json::object &event);
bool is_dry_run(const boost::json::object &event);

// "verb URI" of each write that was no dry run.
std::vector<std::string> writes_in(const std::vector<boost::json::object> &events);

} // namespace rsf::test
