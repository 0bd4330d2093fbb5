// SPDX-License-Identifier: Apache-2.0
//
// Unix sockets that have a file. The functions are thread-safe.
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

enum class Room {
    free,       // for a socket to be bound there
    no_socket,  // a file stands there that is none
    taken,      // somebody answers there
    unknown,    // it can't be found out, as errno says
    not_cleared // a socket that nobody answers at can't be removed, as errno says
};

// Removes a socket of that type (SOCK_STREAM, ...) that a process left behind when it was killed; anything else stays.
Room make_room(const sockaddr_un &address, int type);

// The file of a socket that was bound by this process. Removes it, unless another took its place meanwhile.
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
