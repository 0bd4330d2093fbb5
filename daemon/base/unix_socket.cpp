// SPDX-License-Identifier: Apache-2.0
#include "base/unix_socket.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace rsf::base {

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

SocketPath remove_stale_socket(const sockaddr_un &address, int type) {
    struct stat status {};
    if (::lstat(address.sun_path, &status) != 0) return SocketPath::free; // bind() reports anything else
    if (!S_ISSOCK(status.st_mode)) return SocketPath::not_a_socket;
    const FileDescriptor probe(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) return SocketPath::unknown;
    switch (const int error = connect_to(probe.get(), address)) {
    case 0:
    case EAGAIN:                                // its queue of connections is full
    case EPROTOTYPE: return SocketPath::in_use; // a socket of another type
    case ENOENT: return SocketPath::free;       // it was removed meanwhile
    case ECONNREFUSED: return ::unlink(address.sun_path) == 0 ? SocketPath::free : SocketPath::not_removed;
    default: errno = error; return SocketPath::unknown;
    }
}

SocketFile::SocketFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)) {}

SocketFile::~SocketFile() {
    struct stat own {};
    struct stat there {};
    if (file_ && ::fstat(file_.get(), &own) == 0 && ::lstat(path_.c_str(), &there) == 0 && own.st_dev == there.st_dev &&
        own.st_ino == there.st_ino)
        ::unlink(path_.c_str());
}

} // namespace rsf::base
