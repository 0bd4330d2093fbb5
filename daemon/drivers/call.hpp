// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a driver and what it answers, as plain values. The numbers are the driver ABI's.
#pragma once

#include "base/budget.hpp"
#include "base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace rsf::drivers {

enum class Verb : std::uint32_t { list = 1, get = 2, create = 3, replace = 4, remove = 5, apply = 6 };

std::string_view to_string(Verb verb); // "list", …, "delete", "apply"

struct Call {
    Verb verb = Verb::get;
    bool all_namespaces = false;
    bool dry_run = false; // for writes: change nothing, and answer with what would be
    std::string type;
    std::string name;
    std::string ns;
    std::string label_selector;
    std::string field_selector;
    std::string object; // JSON, for writes
    std::string request_id;
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop; // asks the driver to end the call early

    // Of the daemon's own, which the driver does not see:
    bool as_text = false;            // its object is wanted as text, where that says the same as the value
    std::shared_ptr<Share> memory{}; // what its answer takes is counted there; null: it does not count
};

struct Success {
    boost::json::value object; // null: none
    std::uint32_t outcome = 0; // RSF_OUTCOME_...
    std::string selflink;
    std::string text{};      // JSON, in place of object
    bool dropped = false;    // a write's object was not taken, for want of memory
    std::size_t counted = 0; // bytes that the object is counted with in the call's memory
};

struct Failure {
    Code code = Code::internal;
    std::string message; // a sentence, never empty
    enum class Retry { unknown, never, later } retry = Retry::unknown;
    std::chrono::milliseconds retry_after{};
    boost::json::value details; // null: none
    std::int32_t number = 0;    // the driver's code as it gave it, which code may not have; 0: the failure is the daemon's own
};

// What a driver says of itself with rsf.health/1.
struct DriverHealth {
    bool ok = true;
    std::string reason;       // when not ok
    boost::json::object more; // what else it tells people
};

using Answer = boost::system::result<Success, Failure>;

[[noreturn]] void throw_exception_from_error(const Failure &failure, const boost::source_location &where);

// What a driver asks for with rsf.order/1.
struct Before {
    std::size_t first;
    std::size_t then;
    std::string why;
};

struct Orderable {
    std::string name;
    std::string type;
    std::string object; // JSON
};

} // namespace rsf::drivers
