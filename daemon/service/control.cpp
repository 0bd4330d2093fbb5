// SPDX-License-Identifier: Apache-2.0
#include "service/control.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace rsf::service {

namespace {

constexpr std::size_t longest_request = 256;
constexpr std::size_t longest_answer = std::size_t{8} << 20;
constexpr std::size_t longest_packet = 32u << 10; // of an answer; the kernel takes more at once, but not without limit
constexpr std::string_view done_mark = "done ", failed_mark = "failed "; // before an answer's words
constexpr char end_mark = '\0';                                          // after them

Error failed(const std::filesystem::path &path, const std::string &why) {
    return unavailable("the control socket " + path.string() + ": " + why);
}

std::string system_words(int error) { return std::generic_category().message(error); }

Result<sockaddr_un> address_of(const std::filesystem::path &path) {
    const std::optional<sockaddr_un> address = unix_address(path.string());
    if (!address) return failed(path, "its path is too long for a Unix socket");
    return *address;
}

Result<void> clear(const std::filesystem::path &path, const sockaddr_un &address) {
    switch (remove_stale_socket(address, SOCK_SEQPACKET)) {
    case SocketPath::free: return {};
    case SocketPath::not_a_socket: return failed(path, "there is a file that is not a socket. Move it away");
    case SocketPath::in_use: return failed(path, "another daemon answers there. End it, or give this one another with --control");
    case SocketPath::unknown: return failed(path, system_words(errno));
    case SocketPath::not_removed: return failed(path, "the old one can't be removed: " + system_words(errno));
    }
    return {};
}

// Bounds the wait for a client that sends nothing.
void hurry(int connection) {
    const timeval time{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool may_command(int connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

Result<std::string> receive_answer(int connection, const std::filesystem::path &path) {
    std::string answer, packet(longest_packet, '\0');
    while (!answer.ends_with(end_mark)) {
        const ssize_t got = ::recv(connection, packet.data(), packet.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return failed(path, "the daemon broke off without an answer; its log says more");
        answer.append(packet, 0, static_cast<std::size_t>(got));
    }
    answer.pop_back();
    if (answer.starts_with(done_mark)) return answer.substr(done_mark.size());
    return invalid(answer.starts_with(failed_mark) ? answer.substr(failed_mark.size()) : answer);
}

} // namespace

std::optional<std::filesystem::path> own_control_path() {
    const char *folder = std::getenv("RUNTIME_DIRECTORY"); // NOLINT(concurrency-mt-unsafe): no thread sets variables
    if (!folder || !*folder) return std::nullopt;
    const std::string_view folders = folder; // several, if the unit has several
    return std::filesystem::path(folders.substr(0, folders.find(':'))) / "control.sock";
}

std::filesystem::path usual_control_path() { return own_control_path().value_or("/run/resourcifier/control.sock"); }

void ControlRequest::answer(const Result<std::string> &done) const {
    std::string words = done ? std::string(done_mark) + *done : std::string(failed_mark) + to_string(done.error());
    if (words.size() > longest_answer) words.resize(longest_answer);
    words += end_mark;
    for (std::string_view left = words; !left.empty();) {
        const ssize_t sent = ::send(connection_.get(), left.data(), std::min(left.size(), longest_packet), MSG_NOSIGNAL);
        if (sent <= 0) return; // the client is gone, or takes nothing
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
}

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::filesystem::path &path) {
    const Result<sockaddr_un> address = address_of(path);
    if (!address) return address.error();
    if (const Result<void> cleared = clear(path, *address); !cleared) return cleared.error();
    FileDescriptor listening(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (listening.get() < 0) return failed(path, system_words(errno));
    if (::bind(listening.get(), reinterpret_cast<const sockaddr *>(&*address), sizeof *address) != 0)
        return failed(path, system_words(errno));
    auto socket = std::unique_ptr<ControlSocket>(new ControlSocket(std::move(listening), SocketFile(path.string())));
    // Before it listens, so that only permitted users can connect.
    if (::chmod(address->sun_path, 0600) != 0 || ::listen(socket->descriptor(), 16) != 0)
        return failed(path, system_words(errno));
    return socket;
}

std::optional<ControlRequest> ControlSocket::receive() {
    FileDescriptor connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.get() < 0 || !may_command(connection.get())) return std::nullopt;
    hurry(connection.get());
    std::array<char, longest_request> text{};
    const ssize_t got = ::recv(connection.get(), text.data(), text.size(), 0);
    if (got <= 0) return std::nullopt;
    return ControlRequest(std::move(connection), std::string(text.data(), static_cast<std::size_t>(got)));
}

Result<std::string> ask_daemon(const std::filesystem::path &path, std::string_view request) {
    const Result<sockaddr_un> address = address_of(path);
    if (!address) return address.error();
    const FileDescriptor connection(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (connection.get() < 0) return failed(path, system_words(errno));
    if (const int error = connect_to(connection.get(), *address); error != 0)
        return failed(path, system_words(error) + (error == EACCES ? " (only root and the daemon's user may do this)"
                                                                   : " (does the daemon run? --control says where it listens)"));
    if (::send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return failed(path, system_words(errno));
    return receive_answer(connection.get(), path);
}

} // namespace rsf::service
