// SPDX-License-Identifier: Apache-2.0
//
// Unix sockets that have a file. The functions are thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <utility>

namespace rsf::daemon {

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
    SocketFile(SocketFile &&other) noexcept
        : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
    SocketFile &operator=(SocketFile &&) = delete;
    ~SocketFile();

  private:
    std::string path_; // empty: none to remove
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace rsf::daemon
