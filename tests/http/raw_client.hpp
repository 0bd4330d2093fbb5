// SPDX-License-Identifier: Apache-2.0
//
// A client that sends exactly the bytes it is told to, and reads answers strictly. One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace rsf::http::test {

struct Reply {
    int status = 0; // 0: the connection ended without one
    std::string head;
    std::string body;

    // The value of a header, or empty.
    std::string header(std::string_view name) const;
    bool has_header(std::string_view name) const { return head.find("\r\n" + std::string(name) + ": ") != std::string::npos; }
};

class RawClient {
  public:
    // Has its descriptor (for IPv4) and connects when it is told to.
    struct Later {};
    explicit RawClient(Later);
    // address: as Server::addresses() says it.
    explicit RawClient(const std::string &address);
    ~RawClient();
    RawClient(const RawClient &) = delete;
    RawClient &operator=(const RawClient &) = delete;

    void connect(const std::string &address);
    void send(std::string_view bytes);
    // Whether the server took them all; it may have closed.
    bool try_send(std::string_view bytes);
    void shutdown_send();
    void close();

    // head_only: the answer to a HEAD, which has no body whatever its length says.
    Reply read(bool head_only = false);
    // What comes to the end of that text; all that came, if the server closes before.
    std::string read_to(std::string_view end);
    // Sends and reads.
    Reply ask(std::string_view bytes);
    // Whether the server has closed and sent no more. Waits for one or the other.
    bool closed_by_server();

  private:
    bool receive();

    int fd_ = -1;
    std::string buffer_;
};

// A request with Host, an Accept and a label that any answer and any body go by, unless headers have others, and, where there is
// a body, its length.
std::string request(std::string_view method, std::string_view target, std::string_view headers = "", std::string_view body = "");

} // namespace rsf::http::test
