// SPDX-License-Identifier: Apache-2.0
//
// Where to listen, as the settings say it. Plain values.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>

namespace rsf::http {

struct ListenAddress {
    // "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock", "systemd" (every socket that systemd passes and no other address names)
    // or "systemd:NAME" (those of FileDescriptorName=NAME).
    std::string name;
    // Of a Unix socket that is made; empty or none: as the process's user, group and umask have it.
    std::string owner{};
    std::string group{};
    std::optional<mode_t> mode{};

    ListenAddress(std::string address) : name(std::move(address)) {} // a name is an address
    ListenAddress(const char *address) : name(address) {}
    friend bool operator==(const ListenAddress &, const ListenAddress &) = default;
};

// What can be said against an address before it is opened. insecure: other machines may reach it.
Result<void> judge(const ListenAddress &address, bool insecure);

} // namespace rsf::http
