// SPDX-License-Identifier: Apache-2.0
#include "http/listen/endpoint.hpp"

#include "base/text.hpp"
#include "base/user.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <utility>

namespace rsf::http {

namespace {

constexpr int backlog = 1024;

std::string system_text(int error) { return std::generic_category().message(error); }

Error cannot_listen(const std::string &name, const std::string &why, Code code = Code::invalid) {
    return error_of(code, "can't listen on " + printable(name) + ": " + why);
}

std::string bound_address(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0 ? address_text(address, size)
                                                                               : "an unknown address";
}

Result<Endpoint> open_tcp(const std::string &name, const addrinfo &info) {
    FileDescriptor listening(socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listening) return cannot_listen(name, system_text(errno), Code::unavailable);
    const int fd = listening.get(), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, info.ai_addr, info.ai_addrlen) != 0 || listen(fd, backlog) != 0) {
        const int error = errno;
        return cannot_listen(name, system_text(error) +
                                       (error == EADDRINUSE ? " (another program listens there: stop it, or choose another port)"
                                        : error == EACCES   ? " (ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one)"
                                                            : ""));
    }
    return Endpoint(std::move(listening), bound_address(fd));
}

using Found = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<Found> find_tcp(const std::string &name) {
    const auto colon = name.rfind(':');
    std::string host = name.substr(0, colon == name.npos ? 0 : colon);
    const std::string port = colon == name.npos ? "" : name.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool good_port =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos && std::stoul(port) <= 65535;
    if (host.empty() || !good_port || (!bracketed && host.find(':') != host.npos))
        return cannot_listen(name, "it is not an address. Write 127.0.0.1:8080, [::1]:8080, unix:/path, systemd or systemd:NAME");
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        return cannot_listen(name, gai_strerror(error));
    return Found(found, freeaddrinfo);
}

// Whether only this machine's own processes can connect.
bool is_local(const sockaddr &address) {
    if (address.sa_family == AF_UNIX) return true;
    if (address.sa_family == AF_INET)
        return ntohl(reinterpret_cast<const sockaddr_in &>(address).sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6 &>(address).sin6_addr);
}

Error open_to_others(const std::string &name) {
    return cannot_listen(name, "other machines can connect there without authentication, and each could do what the "
                               "daemon's credentials can. Listen on 127.0.0.1, [::1] or a unix socket, or write "
                               "insecure_listen: true if something else authenticates clients");
}

Result<void> judge_tcp(const std::string &name, bool insecure) {
    const Result<Found> found = find_tcp(name);
    if (!found) return found.error();
    for (const addrinfo *info = found->get(); info != nullptr && !insecure; info = info->ai_next)
        if (!is_local(*info->ai_addr)) return open_to_others(name);
    return {};
}

Result<void> add_tcp(const std::string &name, bool insecure, std::vector<Endpoint> &endpoints) {
    const Result<Found> found = find_tcp(name);
    if (!found) return found.error();
    for (const addrinfo *info = found->get(); info != nullptr; info = info->ai_next) {
        if (!insecure && !is_local(*info->ai_addr)) return open_to_others(name);
        auto endpoint = open_tcp(name, *info);
        if (!endpoint) return endpoint.error();
        endpoints.push_back(std::move(*endpoint));
    }
    return {};
}

Result<void> clear(const std::string &name, const sockaddr_un &address) {
    switch (remove_stale_socket(address, SOCK_STREAM)) {
    case SocketPath::free: return {};
    case SocketPath::not_a_socket:
        return cannot_listen(name, "there is a file that is not a socket. Move it away, or choose another path");
    case SocketPath::in_use: return cannot_listen(name, "another program listens there. Stop it, or choose another path");
    case SocketPath::unknown: return cannot_listen(name, system_text(errno), Code::unavailable);
    case SocketPath::not_removed: return cannot_listen(name, "the old socket can't be removed: " + system_text(errno));
    }
    return {};
}

// Ids of the address's owner and group; -1, where none is given, leaves it unchanged.
Result<std::pair<uid_t, gid_t>> ids_of(const ListenAddress &address) {
    std::pair<uid_t, gid_t> ids{static_cast<uid_t>(-1), static_cast<gid_t>(-1)};
    if (!address.owner.empty()) {
        const std::optional<User> user = find_user(address.owner);
        if (!user) return cannot_listen(address.name, "there is no user " + in_quotes(address.owner) + " on this machine");
        ids.first = user->user;
    }
    if (!address.group.empty()) {
        const std::optional<gid_t> group = find_group(address.group);
        if (!group) return cannot_listen(address.name, "there is no group " + in_quotes(address.group) + " on this machine");
        ids.second = *group;
    }
    return ids;
}

Result<std::string> path_of_unix(const std::string &name) {
    std::string path = name.substr(std::strlen("unix:"));
    if (!path.starts_with('/')) return cannot_listen(name, "the path of a Unix socket must begin with '/'");
    if (path.size() > longest_unix_path)
        return cannot_listen(name, "the path is longer than the " + std::to_string(longest_unix_path) +
                                       " bytes that a Unix socket may have");
    return path;
}

Result<void> judge_unix(const ListenAddress &address) {
    if (const auto path = path_of_unix(address.name); !path) return path.error();
    if (const auto ids = ids_of(address); !ids) return ids.error();
    return {};
}

// Sets owner, group and mode before it listens, so that only permitted users can connect.
Result<void> give_away(const ListenAddress &address, const std::string &path) {
    const auto ids = ids_of(address);
    if (!ids) return ids.error();
    if (address.mode && chmod(path.c_str(), *address.mode) != 0)
        return cannot_listen(address.name, "its mode can't be set: " + system_text(errno));
    const auto [user, group] = *ids;
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return cannot_listen(address.name, system_text(errno));
    // Even a call that changes nothing may be forbidden, as under the shipped systemd unit.
    const bool is_theirs =
        (user == static_cast<uid_t>(-1) || user == status.st_uid) && (group == static_cast<gid_t>(-1) || group == status.st_gid);
    const bool given = is_theirs || chown(path.c_str(), user, group) == 0;
    if (!given)
        return cannot_listen(address.name,
                             "it can't be given to that owner and group: " + system_text(errno) +
                                 " (only root gives to another owner, and to a group its members do. Under the unit that is "
                                 "shipped neither: let systemd make the socket, with SocketGroup= in a socket unit)");
    return {};
}

Result<void> add_unix(const ListenAddress &wanted, std::vector<Endpoint> &endpoints) {
    const std::string &name = wanted.name;
    const Result<std::string> path = path_of_unix(name);
    if (!path) return path.error();
    const sockaddr_un address = *unix_address(*path);
    if (auto cleared = clear(name, address); !cleared) return cleared.error();
    FileDescriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listening) return cannot_listen(name, system_text(errno), Code::unavailable);
    if (bind(listening.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return cannot_listen(name, system_text(errno));
    SocketFile file(*path);
    if (auto given = give_away(wanted, *path); !given) return given.error();
    if (listen(listening.get(), backlog) != 0) return cannot_listen(name, system_text(errno));
    endpoints.emplace_back(std::move(listening), name, std::move(file));
    return {};
}

constexpr std::string_view by_name = "systemd:";

// The sockets that systemd passed (sd_listen_fds_with_names(3)), each taken by one address.
class PassedSockets {
  public:
    PassedSockets() {
        char **names = nullptr;
        const int count = sd_listen_fds_with_names(0, &names);
        failed_ = std::min(count, 0);
        for (int i = 0; i < count; ++i) {
            names_.emplace_back(names[i]);
            std::free(names[i]); // NOLINT(cppcoreguidelines-no-malloc): libsystemd's
        }
        std::free(static_cast<void *>(names)); // NOLINT(cppcoreguidelines-no-malloc)
    }

    // Those called name.
    Result<void> take(const std::string &address, std::string_view name, bool insecure, std::vector<Endpoint> &endpoints) {
        return take_if(address, insecure, endpoints, [&](const std::string &passed) { return passed == name; });
    }
    // Those that are left.
    Result<void> take_rest(const std::string &address, bool insecure, std::vector<Endpoint> &endpoints) {
        return take_if(address, insecure, endpoints, [](const std::string &) { return true; });
    }

    // Clients of a socket that is not taken over would wait for ever.
    Result<void> judge_rest() const {
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (!taken_.contains(i))
                return invalid("systemd passes a socket called " + in_quotes(names_[i]) +
                               " that no address in listen takes: write listen: [systemd], or disable the socket unit");
        return {};
    }

  private:
    template <class Wanted>
    Result<void> take_if(const std::string &address, bool insecure, std::vector<Endpoint> &endpoints, Wanted wanted) {
        if (failed_ < 0) return cannot_listen(address, system_text(-failed_));
        if (names_.empty())
            return cannot_listen(address,
                                 "systemd passed no socket. Start the daemon by its socket unit, or name an address instead");
        bool any = false;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (taken_.contains(i) || !wanted(names_[i])) continue;
            auto endpoint = open(address, SD_LISTEN_FDS_START + static_cast<int>(i), insecure);
            if (!endpoint) return endpoint.error();
            endpoints.push_back(std::move(*endpoint));
            taken_.insert(i);
            any = true;
        }
        if (any) return {};
        return cannot_listen(address, "systemd passed no such socket: those it passed are called " + all_names() +
                                          " (FileDescriptorName= in a socket unit)");
    }

    static Result<Endpoint> open(const std::string &address, int fd, bool insecure) {
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
            return cannot_listen(address, "descriptor " + std::to_string(fd) +
                                              " is not a listening stream socket. Use ListenStream= in the socket unit");
        sockaddr_storage local{};
        socklen_t size = sizeof local;
        if (getsockname(fd, reinterpret_cast<sockaddr *>(&local), &size) != 0) return cannot_listen(address, system_text(errno));
        if (!insecure && !is_local(reinterpret_cast<const sockaddr &>(local))) return open_to_others(address_text(local, size));
        const int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return cannot_listen(address, system_text(errno));
        return Endpoint(FileDescriptor(fd), address_text(local, size));
    }

    std::string all_names() const {
        std::string all;
        for (const std::string &name : names_) all += (all.empty() ? "" : ", ") + in_quotes(name);
        return all;
    }

    int failed_ = 0;
    std::vector<std::string> names_;
    std::set<std::size_t> taken_;
};

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

int Endpoint::family() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&address), &size) == 0 ? address.ss_family : AF_UNSPEC;
}

Reach Endpoint::reach() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0) return Reach::loopback; // the strictest
    if (address.ss_family == AF_UNIX) return Reach::unix_socket;
    return is_local(reinterpret_cast<const sockaddr &>(address)) ? Reach::loopback : Reach::network;
}

Result<void> judge(const ListenAddress &address, bool insecure) {
    const std::string &name = address.name;
    if (name == "systemd" || name.starts_with(by_name)) return {}; // passed sockets are checked when the daemon starts
    return name.starts_with("unix:") ? judge_unix(address) : judge_tcp(name, insecure);
}

std::vector<std::string> sockets_of(const ListenAddress &address) {
    const std::string &name = address.name;
    if (name == "systemd" || name.starts_with(by_name)) return {name};
    if (name.starts_with("unix:")) {
        const Result<std::string> path = path_of_unix(name);
        return path ? std::vector{"unix:" + std::filesystem::path(*path).lexically_normal().native()}
                    : std::vector<std::string>();
    }
    std::vector<std::string> sockets;
    const Result<Found> found = find_tcp(name);
    for (const addrinfo *info = found ? found->get() : nullptr; info != nullptr; info = info->ai_next) {
        sockaddr_storage storage{};
        std::memcpy(&storage, info->ai_addr, info->ai_addrlen);
        std::string text = address_text(storage, info->ai_addrlen);
        if (text.ends_with(":0")) continue;
        if (info->ai_family == AF_INET6)
            text += '%' + std::to_string(reinterpret_cast<const sockaddr_in6 &>(storage).sin6_scope_id);
        sockets.push_back(std::move(text));
    }
    return sockets;
}

Result<std::vector<Endpoint>> open_endpoints(const std::vector<ListenAddress> &addresses, bool insecure) {
    if (addresses.empty()) return invalid("no address to listen on is given: write listen: [\"127.0.0.1:8080\"]");
    std::vector<Endpoint> endpoints;
    PassedSockets passed;
    for (const ListenAddress &address : addresses) {
        const std::string &name = address.name;
        if (name == "systemd") continue;
        const auto added = name.starts_with(by_name)   ? passed.take(name, name.substr(by_name.size()), insecure, endpoints)
                           : name.starts_with("unix:") ? add_unix(address, endpoints)
                                                       : add_tcp(name, insecure, endpoints);
        if (!added) return added.error();
    }
    if (std::ranges::find(addresses, ListenAddress("systemd")) != addresses.end())
        if (const auto added = passed.take_rest("systemd", insecure, endpoints); !added) return added.error();
    if (const auto rest = passed.judge_rest(); !rest) return rest.error();
    return endpoints;
}

} // namespace rsf::http
