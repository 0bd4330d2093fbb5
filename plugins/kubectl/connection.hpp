// SPDX-License-Identifier: Apache-2.0
//
// A keep-alive HTTP/1.1 connection over a unix socket, and a pool of them. A Connection belongs to one thread at a time; the pool
// is thread-safe.
#pragma once

#include "file_descriptor.hpp"
#include "patience.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

struct HttpRequest {
    std::string_view method;
    std::string target;
    std::string_view body;
    std::string_view content_type = "application/json";
};

struct HttpResponse {
    unsigned status = 0;
    std::string body;
    std::vector<std::string> warnings;                    // texts of Warning headers with code 299 (RFC 7234, 5.5)
    std::optional<std::chrono::milliseconds> retry_after; // from Retry-After in seconds
};

// Why an exchange came to nothing.
struct ConnectionLost : std::runtime_error {
    enum class How {
        refused,   // there is no connection
        dropped,   // it ended before the answer was whole
        given_up,  // the caller's time or wish ended first
        nonsense,  // what came is not HTTP
        too_large, // the answer is longer than Connection::most
    };
    ConnectionLost(How why, bool was_sent, const std::string &what) : std::runtime_error(what), how(why), sent(was_sent) {}
    How how;
    bool sent; // some of the request may have reached the other side
};

class Connection {
  public:
    static constexpr std::size_t most = std::size_t{64} << 20; // bytes of an answer's body

    // Throws ConnectionLost. path: at most 107 bytes.
    Connection(const std::string &path, const Patience &patience);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    // Throws ConnectionLost, after which the connection is of no use. Throws Error (invalid), and sends nothing, when the request
    // could be read as another one (request_gate.hpp).
    HttpResponse exchange(const HttpRequest &request, const Patience &patience);

    // Whether the last answer left it open, and it still is.
    bool is_usable() const;

  private:
    struct State; // Beast's, which takes long to read
    std::unique_ptr<State> state_;
};

class ConnectionPool {
  public:
    explicit ConnectionPool(std::string path) : path_(std::move(path)) {}

    // One that is open, or a new one. Throws ConnectionLost.
    std::unique_ptr<Connection> take(const Patience &patience);
    void give_back(std::unique_ptr<Connection> connection);

  private:
    const std::string path_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_; // guarded by mutex_
};

} // namespace rsf::kubectl
