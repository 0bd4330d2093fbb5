// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one connection, each way. Its users do not see the socket: this is the place for TLS. Not thread-safe.
#pragma once

#include "http/asio.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::http {

class Stream {
  public:
    explicit Stream(Socket socket) : socket_(std::move(socket)) {}

    net::any_io_executor executor() { return socket_.get_executor(); }
    bool is_open() const { return socket_.is_open(); }

    // co_await gives [error_code, count], or [error_code]. data stays where it is until then.
    auto read_some(char *data, std::size_t size) { return socket_.async_read_some(net::buffer(data, size), as_values); }
    auto write_some(std::string_view bytes) {
        return socket_.async_write_some(net::buffer(bytes.data(), bytes.size()), as_values);
    }
    auto wait_readable() { return socket_.async_wait(Socket::wait_read, as_values); }
    // Cancels pending operations.
    void cancel();

    // Bytes that can be read without waiting; also 0 on an error, which a read then reports.
    std::size_t available() const;
    // What can be read without waiting, at most at_most bytes.
    std::string read_now(std::size_t at_most);
    // Writes what can be written without waiting and drops the rest.
    void write_now(std::string_view bytes);

    // Closes the sending half. False: the connection is broken.
    bool end_sending();
    // Data that was written may still be delivered.
    void close();
    // Drops data that was written and is not delivered yet.
    void reset();

  private:
    Socket socket_;
};

} // namespace rsf::http
