// SPDX-License-Identifier: Apache-2.0
#include "unix_socket.hpp"

#include "file_descriptor.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace rsf::daemon {

std::optional<sockaddr_un> unix_address(std::string_view path) {
    if (path.size() > longest_unix_path) return std::nullopt;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    return address;
}

int connect_to(int socket, const sockaddr_un &address) {
    return ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? 0 : errno;
}

Room make_room(const sockaddr_un &address, int type) {
    struct stat status {};
    if (::lstat(address.sun_path, &status) != 0) return Room::free; // bind says what is wrong, if anything
    if (!S_ISSOCK(status.st_mode)) return Room::no_socket;
    const FileDescriptor probe(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) return Room::unknown;
    if (connect_to(probe.get(), address) != ECONNREFUSED) return Room::taken;
    return ::unlink(address.sun_path) == 0 ? Room::free : Room::not_cleared;
}

SocketFile::SocketFile(std::string path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;
    path_ = std::move(path);
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
    struct stat status {};
    if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
        ::unlink(path_.c_str());
}

} // namespace rsf::daemon
