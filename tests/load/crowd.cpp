// SPDX-License-Identifier: Apache-2.0
#include "load/crowd.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace rsf::test {

namespace {

[[noreturn]] void fail(const char *what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

} // namespace

Connection::Connection(const std::string &socket) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) fail("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) return;
    const int error = errno;
    close();
    errno = error;
    fail("connect");
}

Connection::Connection(Connection &&other) noexcept : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

void Connection::send(std::string_view bytes) const {
    static_cast<void>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::string Connection::receive() const {
    pollfd polled{fd_, POLLIN, 0};
    if (::poll(&polled, 1, 60'000) != 1) throw std::runtime_error("no answer in a minute");
    std::string text(65536, ' ');
    const ssize_t count = ::recv(fd_, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

bool Connection::is_closed(std::size_t at_most) {
    std::string text(at_most, ' ');
    const ssize_t count = ::recv(fd_, text.data(), text.size(), MSG_DONTWAIT);
    if (count > 0) received_.append(text, 0, static_cast<std::size_t>(count));
    return count == 0 || (count < 0 && errno != EAGAIN);
}

void Connection::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void Connection::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void allow_connections(std::size_t count) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
    if (limit.rlim_cur >= count + 100) return;
    limit.rlim_cur = count + 100;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

std::size_t resident_kib(int pid) {
    std::ifstream pages("/proc/" + std::to_string(pid) + "/statm");
    std::size_t all = 0, resident = 0;
    pages >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::size_t highest_kib(int pid) {
    std::ifstream lines("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    throw std::runtime_error("process " + std::to_string(pid) + " has ended");
}

std::size_t open_descriptors(int pid) {
    const std::filesystem::directory_iterator entries("/proc/" + std::to_string(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

void wait_a_moment() { ::poll(nullptr, 0, 5); }

} // namespace rsf::test
