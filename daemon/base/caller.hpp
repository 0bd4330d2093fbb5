// SPDX-License-Identifier: Apache-2.0
//
// Who is asking: what admission found, and what is logged and recorded of it. Plain values: thread-safe as values are.
#pragma once

#include <string>
#include <vector>

namespace rsf::base {

struct Caller {
    std::string name;                // empty: not known
    std::vector<std::string> groups; // that the caller belongs to
    std::string address;             // of the connection: "127.0.0.1:4711", "unix"
};

} // namespace rsf::base
