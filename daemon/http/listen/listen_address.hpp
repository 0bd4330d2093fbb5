// SPDX-License-Identifier: Apache-2.0
//
// An address to listen on, as in the settings. Plain values.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace rsf::http {

struct ListenAddress {
    // "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock", "systemd" (every socket that systemd passes and no other address names)
    // or "systemd:NAME" (those of FileDescriptorName=NAME).
    std::string name;
    // Of a Unix socket that is created; empty or none: by the process's user, group and umask.
    std::string owner{};
    std::string group{};
    std::optional<mode_t> mode{};

    ListenAddress(std::string address) : name(std::move(address)) {} // a name is an address
    ListenAddress(const char *address) : name(address) {}
    friend bool operator==(const ListenAddress &, const ListenAddress &) = default;
};

// Checks an address before it is opened. insecure: other machines may reach it.
Result<void> judge(const ListenAddress &address, bool insecure);

// The sockets that an address opens, each in one spelling, so that two addresses of the same socket are seen to be. None for
// port 0, which is another port each time, and for an address that judge() refuses.
std::vector<std::string> sockets_of(const ListenAddress &address);

} // namespace rsf::http
