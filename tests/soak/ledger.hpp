// SPDX-License-Identifier: Apache-2.0
//
// What was asked of a daemon under test, and what was found wrong.
#pragma once

#include "support/http_client.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

// Thread-safe.
class Ledger {
  public:
    using Clock = std::chrono::steady_clock;
    struct Question {
        std::string text;
        Clock::time_point asked;
    };
    using Entry = std::list<Question>::iterator;

    Entry begin(std::string question);
    void end(Entry question);
    void wrong(std::string what);

    std::size_t questions() const;
    std::size_t wrongs() const;
    std::vector<std::string> first_wrongs() const;
    // A question that was asked before then and has no answer yet.
    std::optional<std::string> unanswered_since(Clock::time_point then) const;

  private:
    mutable std::mutex mutex_;
    std::list<Question> open_; // guarded by mutex_; the oldest first
    std::size_t questions_ = 0;
    std::size_t wrongs_ = 0;
    std::vector<std::string> first_wrongs_;
};

// One who asks, over a connection that is kept. What is not as it should be is thrown, as std::runtime_error. Not thread-safe.
class Visitor {
  public:
    Visitor(std::string address, Ledger &ledger) : address_(std::move(address)), ledger_(ledger) {}

    HttpAnswer ask(std::string_view method, const std::string &path, std::string_view body = {});
    // The answer, which must have this status.
    boost::json::value expect(int status, std::string_view method, const std::string &path, std::string_view body = {});
    // About the last answer.
    void require(bool right, std::string_view what) const;

    // Enters what round throws as wrong.
    void attempt(const std::function<void()> &round);

  private:
    const std::string address_;
    Ledger &ledger_;
    std::optional<HttpClient> client_; // none: no connection yet, or it failed
    std::string last_;                 // what was asked and answered
};

} // namespace rsf::test
