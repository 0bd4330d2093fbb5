// SPDX-License-Identifier: Apache-2.0
//
// The other end of a connection, as far as the connection itself shows. Plain values: thread-safe as values are.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace rsf::http {

// From where clients can connect to a listener.
enum class Reach { unix_socket, loopback, network };

struct Peer {
    std::string address;           // "127.0.0.1:4711", "[::1]:4711", "unix"
    std::optional<uid_t> uid{};    // over a Unix socket: of the process that connected, as the kernel says (SO_PEERCRED)
    std::string certificate{};     // the subject of a certificate that TLS verified; empty: none was asked for
    Reach reach = Reach::loopback; // of the address that it connected to
};

} // namespace rsf::http
