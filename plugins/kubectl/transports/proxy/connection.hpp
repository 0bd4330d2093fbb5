// SPDX-License-Identifier: Apache-2.0
//
// A keep-alive HTTP/1.1 connection over a unix socket, and a pool of them. A Connection belongs to one thread at a time; the pool
// is thread-safe.
#pragma once

#include "kubectl/process/deadline.hpp"
#include "kubectl/process/file_descriptor.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::transports {

struct HttpRequest {
    std::string_view method;
    std::string target;
    std::string_view body;
    std::string_view content_type = "application/json";
    std::string_view audit_id{}; // goes on as Audit-ID and in the User-Agent; empty: none
};

struct HttpResponse {
    unsigned status = 0;
    std::string body;
    std::vector<std::string> warnings;                    // texts of Warning headers with code 299 (RFC 7234, 5.5)
    std::optional<std::chrono::milliseconds> retry_after; // from Retry-After in seconds
    std::optional<std::int64_t> date{};                   // from Date: seconds since 1970
};

// Why an exchange has no answer.
struct ConnectionLost : std::runtime_error {
    enum class How {
        refused,   // it could not be made
        dropped,   // the connection ended before the answer was complete
        given_up,  // the deadline passed, or the call was cancelled
        not_http,  // the answer breaks the protocol, or is not to this request
        too_large, // the answer is longer than Connection::most
    };
    ConnectionLost(How why, bool was_sent, const std::string &what) : std::runtime_error(what), how(why), sent(was_sent) {}
    How how;
    bool sent; // a part of the request may have reached the server
};

class Connection {
  public:
    static constexpr std::size_t most = std::size_t{64} << 20; // bytes of an answer's body

    // Throws ConnectionLost. path: at most 107 bytes.
    Connection(const std::string &path, const process::Deadline &deadline);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    // Throws ConnectionLost; the connection can't be used after that. Throws Error (invalid), and sends nothing, when the request
    // could be read as another one (request_gate.hpp).
    HttpResponse exchange(const HttpRequest &request, const process::Deadline &deadline);

    // Whether the last answer left it open, it still is, and no unread byte is in it.
    bool is_usable() const;

  private:
    struct State; // in the source: Beast's headers take long to compile
    std::unique_ptr<State> state_;
};

class ConnectionPool {
  public:
    explicit ConnectionPool(std::string path) : path_(std::move(path)) {}

    // An idle connection that is still open, or a new one. Throws ConnectionLost.
    std::unique_ptr<Connection> take(const process::Deadline &deadline);
    void give_back(std::unique_ptr<Connection> connection);

  private:
    const std::string path_;
    shared::Mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_ GUARDED_BY(mutex_);
};

} // namespace rsf::kubectl::transports
