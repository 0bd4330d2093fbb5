// SPDX-License-Identifier: Apache-2.0
#include "service/notified.hpp"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rsf::test {

NotifySocket::NotifySocket() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder_.path() / "notify").string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        throw std::runtime_error("a socket can't be bound");
}

NotifySocket::~NotifySocket() { ::close(socket_); }

std::string NotifySocket::variable() const { return "NOTIFY_SOCKET=" + (folder_.path() / "notify").string(); }

std::optional<std::string> NotifySocket::receive(std::chrono::milliseconds within) const {
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(within.count())) != 1) return std::nullopt;
    std::array<char, 4096> message{};
    const ssize_t got = ::recv(socket_, message.data(), message.size(), 0);
    return std::string(message.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

std::string NotifySocket::wait_for(const std::string &text) const {
    for (;;) {
        const std::optional<std::string> message = receive(std::chrono::minutes(1));
        if (!message) throw std::runtime_error("the service manager was never told: " + text);
        if (message->find(text) != message->npos) return *message;
    }
}

} // namespace rsf::test
