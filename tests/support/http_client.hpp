// SPDX-License-Identifier: Apache-2.0
//
// A blocking HTTP client for tests. One object is one connection; not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::test {

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;
};

using HttpHeaders = std::map<std::string, std::string>;

inline const HttpHeaders wants_json{{"Accept", "application/json"}};

class HttpClient {
  public:
    // "127.0.0.1:8080" or "unix:/path". Throws std::runtime_error, as everything here does when the connection fails.
    explicit HttpClient(std::string_view address);
    ~HttpClient();

    // With "Accept: */*", and a body labelled as YAML, unless headers say otherwise; an empty value takes a header away.
    HttpAnswer send(std::string_view method, std::string_view target, std::string_view body = {},
                    const HttpHeaders &headers = {});

    // Sends the request and closes without waiting for the answer.
    void send_and_hang_up(std::string_view method, std::string_view target, std::string_view body);

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

} // namespace rsf::test
