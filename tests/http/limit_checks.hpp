// SPDX-License-Identifier: Apache-2.0
//
// What the tests of limits share: a cluster that does not answer, and what clients see at a limit.
#pragma once

#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "http/test_server.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace rsf::http::test {

// The cluster answers no call while this is closed.
class Gate {
  public:
    explicit Gate(const TestServer &server) {
        server.cluster->behave([open = opened_.get_future().share()](const drivers::Call &) -> drivers::Answer {
            open.wait();
            return drivers::Success{boost::json::object{{"kind", "Service"}}, 0, {}};
        });
    }
    ~Gate() { open(); }
    void open() {
        if (!std::exchange(is_open_, true)) opened_.set_value();
    }

  private:
    std::promise<void> opened_;
    bool is_open_ = false;
};

inline std::uint64_t refused(const TestServer &server, std::string_view reason) {
    for (const auto &[name, count] : server.server->refused())
        if (name == reason) return count;
    throw std::runtime_error("there is no reason " + std::string(reason));
}

// Until it is so; a minute at most.
template <class F> bool comes_true(F condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

// form: of a client that sent an Accept, or none.
inline void check_overloaded(const Reply &reply, std::string_view says, ProblemForm form = ProblemForm::json) {
    CHECK(reply.status == 503);
    CHECK(reply.header("Retry-After") == "2");
    if (form == ProblemForm::json) {
        CHECK(reply.header("Content-Type") == "application/problem+json");
        CHECK(boost::json::parse(reply.body).at("type") == "urn:resourcifier:problem:overloaded");
    } else {
        CHECK(reply.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK_THAT(reply.body, EndsWith("nothing was done, try again later.\n"));
    }
    CHECK_THAT(reply.body, ContainsSubstring(std::string(says)));
}

// The head of a POST with a body of that size, whose client waits to be asked for it.
inline std::string expecting_post(std::size_t size) {
    return request("POST", "/configurations", "Expect: 100-continue\r\nContent-Length: " + std::to_string(size) + "\r\n");
}

inline HttpLimits with(std::size_t HttpLimits::*limit, std::size_t value) {
    HttpLimits limits;
    limits.*limit = value;
    return limits;
}

inline const std::string ask_alive = request("GET", "/livez");
inline const std::string ask_targets = request("GET", "/targets");
inline const std::string post_two = request("POST", "/configurations", "", two_resources);

// The same of two objects of that client's own: writes to one object would take turns.
inline std::string post_two_of(int client) {
    std::string body(two_resources);
    for (std::size_t at = 0; (at = body.find("{name: ", at)) != std::string::npos; at += 7)
        body.insert(at + 7, "of-" + std::to_string(client) + "-");
    return request("POST", "/configurations", "", body);
}

} // namespace rsf::http::test
