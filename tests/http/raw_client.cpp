// SPDX-License-Identifier: Apache-2.0
#include "http/raw_client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rsf::http::test {

namespace {

[[noreturn]] void fail(const char *what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

Address parse(const std::string &address) {
    Address parsed;
    if (address.starts_with("unix:")) {
        auto &local = reinterpret_cast<sockaddr_un &>(parsed.storage);
        local.sun_family = AF_UNIX;
        address.copy(local.sun_path, sizeof local.sun_path - 1, 5);
        parsed.size = sizeof local;
        return parsed;
    }
    const auto colon = address.rfind(':');
    const auto port = htons(static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1))));
    if (address.starts_with('[')) {
        auto &v6 = reinterpret_cast<sockaddr_in6 &>(parsed.storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = port;
        inet_pton(AF_INET6, address.substr(1, colon - 2).c_str(), &v6.sin6_addr);
        parsed.size = sizeof v6;
    } else {
        auto &v4 = reinterpret_cast<sockaddr_in &>(parsed.storage);
        v4.sin_family = AF_INET;
        v4.sin_port = port;
        inet_pton(AF_INET, address.substr(0, colon).c_str(), &v4.sin_addr);
        parsed.size = sizeof v4;
    }
    return parsed;
}

int make_socket(int family) {
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    // So that a server that never answers fails the test instead of hanging it.
    const timeval patience{60, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

} // namespace

std::string Reply::header(std::string_view name) const {
    const std::string start = "\r\n" + std::string(name) + ": ";
    const auto found = head.find(start);
    if (found == std::string::npos) return {};
    const auto from = found + start.size();
    return head.substr(from, head.find("\r\n", from) - from);
}

RawClient::RawClient(Later) : fd_(make_socket(AF_INET)) {}

RawClient::RawClient(const std::string &address) : fd_(make_socket(parse(address).storage.ss_family)) {
    try {
        connect(address);
    } catch (...) {
        close();
        throw;
    }
}

RawClient::~RawClient() { close(); }

void RawClient::connect(const std::string &address) {
    const Address parsed = parse(address);
    if (::connect(fd_, reinterpret_cast<const sockaddr *>(&parsed.storage), parsed.size) != 0) fail("connect");
}

void RawClient::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

bool RawClient::try_send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::send(std::string_view bytes) {
    if (!try_send(bytes)) fail("send");
}

void RawClient::shutdown_send() { ::shutdown(fd_, SHUT_WR); }

std::string RawClient::read_to(std::string_view end) {
    while (buffer_.find(end) == std::string::npos && receive()) {
    }
    const auto found = buffer_.find(end);
    const std::size_t size = found == std::string::npos ? buffer_.size() : found + end.size();
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
}

bool RawClient::receive() {
    char bytes[16384];
    const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count < 0 && errno != ECONNRESET) fail("recv");
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
}

Reply RawClient::read(bool head_only) {
    Reply reply;
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!receive()) return reply;
    reply.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    if (!reply.head.starts_with("HTTP/1.1 ")) throw std::runtime_error("not an answer: " + reply.head);
    reply.status = std::stoi(reply.head.substr(9, 3));
    const std::string length = reply.header("Content-Length");
    if (head_only || length.empty()) return reply;
    const std::size_t size = std::stoul(length);
    while (buffer_.size() < size)
        if (!receive()) throw std::runtime_error("the answer was cut off");
    reply.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return reply;
}

Reply RawClient::ask(std::string_view bytes) {
    send(bytes);
    return read();
}

bool RawClient::closed_by_server() { return buffer_.empty() && !receive(); }

std::string request(std::string_view method, std::string_view target, std::string_view headers, std::string_view body) {
    std::string text;
    text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    if (headers.find("Accept:") == headers.npos) text += "Accept: */*\r\n";
    if (method != "GET" && headers.find("Content-Type:") == headers.npos) text += "Content-Type: application/yaml\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text.append("\r\n").append(body);
}

} // namespace rsf::http::test
