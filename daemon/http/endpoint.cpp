// SPDX-License-Identifier: Apache-2.0
#include "http/endpoint.hpp"

#include "text.hpp"

#include <systemd/sd-daemon.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace rsf::daemon {

namespace {

constexpr int backlog = 1024;

std::string system_text(int error) { return std::generic_category().message(error); }

Error cannot_listen(const std::string &name, const std::string &why, Code code = Code::invalid) {
    return {code, "can't listen on " + printable(name) + ": " + why, {}, {}};
}

std::string bound_address(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0 ? address_text(address, size)
                                                                               : "an unknown address";
}

Result<Endpoint> open_tcp(const std::string &name, const addrinfo &info) {
    const int fd = socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return cannot_listen(name, system_text(errno), Code::unavailable);
    Endpoint endpoint(fd, {});
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, info.ai_addr, info.ai_addrlen) != 0 || listen(fd, backlog) != 0) {
        const int error = errno;
        return cannot_listen(name, system_text(error) +
                                       (error == EADDRINUSE ? " (another program listens there: stop it, or choose another port)"
                                        : error == EACCES   ? " (ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one)"
                                                            : ""));
    }
    return Endpoint(endpoint.release(), bound_address(fd));
}

Result<void> add_tcp(const std::string &name, std::vector<Endpoint> &endpoints) {
    const auto colon = name.rfind(':');
    std::string host = name.substr(0, colon == name.npos ? 0 : colon);
    const std::string port = colon == name.npos ? "" : name.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool good_port =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos && std::stoul(port) <= 65535;
    if (host.empty() || !good_port || (!bracketed && host.find(':') != host.npos))
        return cannot_listen(name, "it is not an address. Write 127.0.0.1:8080, [::1]:8080, unix:/path or systemd");
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        return cannot_listen(name, gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    for (const addrinfo *info = found; info != nullptr; info = info->ai_next) {
        auto endpoint = open_tcp(name, *info);
        if (!endpoint) return endpoint.error();
        endpoints.push_back(std::move(*endpoint));
    }
    return {};
}

// A socket file that a daemon left behind when it was killed: nobody answers there. Anything else stays.
Result<void> remove_stale(const std::string &name, const sockaddr_un &address) {
    struct stat status {};
    if (lstat(address.sun_path, &status) != 0) return {}; // bind says what is wrong, if anything
    if (!S_ISSOCK(status.st_mode))
        return cannot_listen(name, "there is a file that is not a socket. Move it away, or choose another path");
    const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return cannot_listen(name, system_text(errno), Code::unavailable);
    const int answer = connect(probe, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? 0 : errno;
    close(probe);
    if (answer != ECONNREFUSED) return cannot_listen(name, "another program listens there. Stop it, or choose another path");
    if (unlink(address.sun_path) != 0) return cannot_listen(name, "the old socket can't be removed: " + system_text(errno));
    return {};
}

Result<void> add_unix(const std::string &name, std::vector<Endpoint> &endpoints) {
    const std::string path = name.substr(std::strlen("unix:"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!path.starts_with('/')) return cannot_listen(name, "the path of a Unix socket must begin with '/'");
    if (path.size() >= sizeof address.sun_path)
        return cannot_listen(name, "the path is longer than the " + std::to_string(sizeof address.sun_path - 1) +
                                       " bytes that a Unix socket may have");
    path.copy(address.sun_path, path.size());
    if (auto removed = remove_stale(name, address); !removed) return removed.error();
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return cannot_listen(name, system_text(errno), Code::unavailable);
    Endpoint endpoint(fd, name);
    if (bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return cannot_listen(name, system_text(errno));
    endpoint.owns_file(path);
    if (listen(fd, backlog) != 0) return cannot_listen(name, system_text(errno));
    endpoints.push_back(std::move(endpoint));
    return {};
}

Result<void> add_systemd(const std::string &name, std::vector<Endpoint> &endpoints) {
    const int count = sd_listen_fds(0);
    if (count < 0) return cannot_listen(name, system_text(-count));
    if (count == 0)
        return cannot_listen(name, "systemd passed no socket. Start the daemon by its socket unit, or name an address instead");
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
            return cannot_listen(name, "descriptor " + std::to_string(fd) +
                                           " is not a listening stream socket. Use ListenStream= in the socket unit");
        const int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return cannot_listen(name, system_text(errno));
        endpoints.emplace_back(fd, bound_address(fd));
    }
    return {};
}

} // namespace

std::string address_text(const sockaddr_storage &address, socklen_t size) {
    char host[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        const auto &v4 = reinterpret_cast<const sockaddr_in &>(address);
        inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        return std::string(host) + ':' + std::to_string(ntohs(v4.sin_port));
    }
    if (address.ss_family == AF_INET6) {
        const auto &v6 = reinterpret_cast<const sockaddr_in6 &>(address);
        inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        return '[' + std::string(host) + "]:" + std::to_string(ntohs(v6.sin6_port));
    }
    const auto &local = reinterpret_cast<const sockaddr_un &>(address);
    const std::size_t length = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
    const bool abstract = length > 0 && local.sun_path[0] == '\0';
    return "unix:" + (abstract ? '@' + std::string(local.sun_path + 1, length - 1)
                               : std::string(local.sun_path, strnlen(local.sun_path, length)));
}

Endpoint::Endpoint(Endpoint &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(std::move(other.address_)), path_(std::exchange(other.path_, {})),
      device_(other.device_), inode_(other.inode_) {}

Endpoint::~Endpoint() {
    if (fd_ >= 0) close(fd_);
    struct stat status {};
    if (!path_.empty() && lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
        unlink(path_.c_str());
}

int Endpoint::family() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return getsockname(fd_, reinterpret_cast<sockaddr *>(&address), &size) == 0 ? address.ss_family : AF_UNSPEC;
}

int Endpoint::release() { return std::exchange(fd_, -1); }

void Endpoint::owns_file(std::string path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return;
    path_ = std::move(path);
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

Result<std::vector<Endpoint>> open_endpoints(const std::vector<std::string> &names) {
    if (names.empty())
        return Error{Code::invalid, "no address to listen on is given: write listen: [\"127.0.0.1:8080\"]", {}, {}};
    std::vector<Endpoint> endpoints;
    for (const std::string &name : names) {
        const auto added = name == "systemd"           ? add_systemd(name, endpoints)
                           : name.starts_with("unix:") ? add_unix(name, endpoints)
                                                       : add_tcp(name, endpoints);
        if (!added) return added.error();
    }
    return endpoints;
}

} // namespace rsf::daemon
