// SPDX-License-Identifier: Apache-2.0
#include "soak/ledger.hpp"

#include <boost/json/parse.hpp>

#include <stdexcept>
#include <utility>

namespace rsf::test {

namespace {

constexpr std::size_t told = 10; // of what is wrong, in full

} // namespace

Ledger::Entry Ledger::begin(std::string question) {
    const std::lock_guard lock(mutex_);
    ++questions_;
    return open_.insert(open_.end(), {std::move(question), Clock::now()});
}

void Ledger::end(Entry question) {
    const std::lock_guard lock(mutex_);
    open_.erase(question);
}

void Ledger::wrong(std::string what) {
    const std::lock_guard lock(mutex_);
    ++wrongs_;
    if (first_wrongs_.size() < told) first_wrongs_.push_back(std::move(what));
}

std::size_t Ledger::questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
}

std::size_t Ledger::wrongs() const {
    const std::lock_guard lock(mutex_);
    return wrongs_;
}

std::vector<std::string> Ledger::first_wrongs() const {
    const std::lock_guard lock(mutex_);
    return first_wrongs_;
}

std::optional<std::string> Ledger::unanswered_since(Clock::time_point then) const {
    const std::lock_guard lock(mutex_);
    return open_.empty() || open_.front().asked > then ? std::nullopt : std::optional(open_.front().text);
}

HttpAnswer Visitor::ask(std::string_view method, const std::string &path, std::string_view body) {
    last_ = std::string(method) + " " + path + (body.empty() ? "" : "\n" + std::string(body));
    const Ledger::Entry entry = ledger_.begin(last_);
    try {
        if (!client_) client_.emplace(address_);
        HttpAnswer answer = client_->send(method, path, body, wants_json);
        last_ += "\n-> " + std::to_string(answer.status) + " " + answer.body;
        ledger_.end(entry);
        return answer;
    } catch (...) {
        client_.reset();
        ledger_.end(entry);
        throw;
    }
}

boost::json::value Visitor::expect(int status, std::string_view method, const std::string &path, std::string_view body) {
    const HttpAnswer answer = ask(method, path, body);
    require(answer.status == status, "the status is not " + std::to_string(status));
    return answer.body.empty() ? boost::json::value() : boost::json::parse(answer.body);
}

void Visitor::require(bool right, std::string_view what) const {
    if (!right) throw std::runtime_error(std::string(what));
}

void Visitor::attempt(const std::function<void()> &round) {
    try {
        round();
    } catch (const std::exception &error) {
        ledger_.wrong(std::string(error.what()) + ":\n" + last_);
    }
}

} // namespace rsf::test
