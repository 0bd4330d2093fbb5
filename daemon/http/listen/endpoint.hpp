// SPDX-License-Identifier: Apache-2.0
//
// Listening sockets by their names in the settings. One owner each; not thread-safe.
#pragma once

#include "base/error.hpp"
#include "base/file_descriptor.hpp"
#include "base/unix_socket.hpp"
#include "http/listen/hosts.hpp"
#include "http/listen/listen_address.hpp"

#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace rsf::http {

// "127.0.0.1:8080", "[::1]:8080" or "unix:/path".
std::string address_text(const sockaddr_storage &address, socklen_t size);

// A socket that listens, non-blocking. Closes it, and removes the file of a Unix socket that it made, unless it was replaced
// meanwhile.
class Endpoint {
  public:
    Endpoint(FileDescriptor socket, std::string address, SocketFile file = {})
        : file_(std::move(file)), socket_(std::move(socket)), address_(std::move(address)) {}

    const std::string &address() const { return address_; } // "127.0.0.1:41233", "unix:/run/x.sock"
    int family() const;
    Reach reach() const;
    int release() { return socket_.release(); } // the caller owns the descriptor then; this object still owns the file

  private:
    SocketFile file_; // removed after the socket is closed
    FileDescriptor socket_;
    std::string address_;
};

// Opens every address, or none. insecure: also those that other machines can reach.
Result<std::vector<Endpoint>> open_endpoints(const std::vector<ListenAddress> &addresses, bool insecure);

} // namespace rsf::http
