// SPDX-License-Identifier: Apache-2.0
#include "http/connection/stream.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace rsf::http {

void Stream::cancel() {
    boost::system::error_code ignored; // a socket that can't be cancelled has nothing to end
    socket_.cancel(ignored);
}

std::size_t Stream::available() const {
    boost::system::error_code failed;
    const std::size_t count = socket_.available(failed);
    return failed ? 0 : count;
}

std::string Stream::read_now(std::size_t at_most) {
    std::string received(at_most, ' ');
    const auto count = ::recv(socket_.native_handle(), received.data(), received.size(), MSG_DONTWAIT);
    received.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return received;
}

void Stream::write_now(std::string_view bytes) {
    ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool Stream::end_sending() {
    boost::system::error_code failed;
    socket_.shutdown(Socket::shutdown_send, failed);
    return !failed;
}

void Stream::close() {
    boost::system::error_code ignored; // it is closed either way
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

// Otherwise the kernel would go on for minutes to send the rest of an answer to a client that does not take it.
void Stream::reset() {
    boost::system::error_code ignored; // it is closed either way
    socket_.set_option(net::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

} // namespace rsf::http
