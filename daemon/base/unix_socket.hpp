// SPDX-License-Identifier: Apache-2.0
//
// Unix sockets with a path. The functions are thread-safe.
#pragma once

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace rsf::base {

inline constexpr std::size_t longest_unix_path = sizeof(sockaddr_un::sun_path) - 1;

// None: the path is longer than that.
std::optional<sockaddr_un> unix_address(std::string_view path);

// 0, or what went wrong (errno).
int connect_to(int socket, const sockaddr_un &address);

// What is at the path of a Unix socket.
enum class SocketPath {
    free,         // a socket can be bound there
    not_a_socket, // another kind of file is there
    in_use,       // a process listens there
    unknown,      // it could not be determined; errno says why
    not_removed   // a stale socket could not be removed; errno says why
};

// Removes a socket of that type (SOCK_STREAM, ...) that no process listens on, as a killed process leaves it; nothing else.
SocketPath remove_stale_socket(const sockaddr_un &address, int type);

// The file of a socket that this process bound. Removes it, unless it was replaced meanwhile.
class SocketFile {
  public:
    SocketFile() = default; // none
    explicit SocketFile(std::string path);
    SocketFile(SocketFile &&) noexcept = default;
    SocketFile &operator=(SocketFile &&) = delete;
    ~SocketFile();

  private:
    std::string path_;
    FileDescriptor file_; // while it is held, no other file gets its number (inode). None: nothing to remove
};

} // namespace rsf::base
