// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a driver and what it answers, as plain values.
#pragma once

#include "base/budget.hpp"
#include "base/error.hpp"
#include "drivers/call_fwd.hpp"
#include "drivers/verb.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::drivers {

struct Call {
    Verb verb = Verb::get;
    bool all_namespaces = false;
    bool dry_run = false; // for writes: change nothing, and answer with the expected result
    std::string type;
    std::string name;
    std::string ns;
    std::string label_selector;
    std::string field_selector;
    std::string object; // JSON, for writes
    std::string request_id;
    std::string operation;         // that this write is a step of, or empty
    std::uint32_t step = 0;        // which of its steps
    std::string expected_revision; // for replace, apply and delete: only if the object is still at it; empty: whatever it is at
    std::int64_t began_ms = 0;     // nothing of a write was done before; milliseconds since 1970; 0: not known
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop; // asks the driver to end the call early

    // Of the daemon's own, which the driver does not see:
    bool as_text = false;            // its object is wanted as text, where that says the same as the value
    std::shared_ptr<Share> memory{}; // what its answer's memory is counted against; null: it is not counted
    // Receives what the driver says of the call meanwhile (rsf.progress/1): a line of at most 512 bytes, without secrets of the
    // settings. On any thread, possibly a moment after the call ended; must not block or throw. May be empty.
    std::function<void(std::string_view)> progress{};
};

struct Success {
    boost::json::value object; // null: none
    std::uint32_t outcome = 0; // RSF_OUTCOME_...
    std::string selflink;
    std::string text{};                  // JSON, in place of object
    bool dropped = false;                // a write's object was not kept, for lack of memory
    std::size_t counted = 0;             // bytes that are counted for the object in the call's memory
    std::string revision{};              // of the object, opaque: visible ASCII; empty: not known
    std::vector<std::string> warnings{}; // sentences for the client
};

// An error, and whether a retry of the call can help. Its message is a sentence, never empty.
struct Failure : Error {
    enum class Retry { unknown, never, later };
    // Whether a write may have had its effect all the same. unsaid: the code tells, where it is the driver's.
    enum class Effect { unsaid, known, unknown };

    Failure() = default;
    Failure(Error error) : Error(std::move(error)) {} // any error is a failure
    Failure(Code its_code, std::string its_message, Retry its_retry = Retry::unknown, std::chrono::milliseconds after = {},
            boost::json::value its_details = nullptr)
        : Error{its_code, std::move(its_message)}, retry(its_retry), retry_after(after), details(std::move(its_details)) {}

    Retry retry = Retry::unknown;
    std::chrono::milliseconds retry_after{};
    boost::json::value details; // null: none
    std::int32_t number = 0;    // the driver's own code, which may be none of Code's; 0: the failure is the daemon's
    Effect effect = Effect::unsaid;
};

// Whether the write that failed like this may have happened, or may happen yet.
bool may_have_happened(const Failure &failure);

// A failure that a retry can't correct, and one that a retry may.
inline Failure permanent(Error error) { return {error.code, std::move(error.message), Failure::Retry::never}; }
inline Failure transient(Error error, std::chrono::milliseconds retry_after) {
    return {error.code, std::move(error.message), Failure::Retry::later, retry_after};
}

// The health that a driver reports with rsf.health/1.
struct DriverHealth {
    bool ok = true;
    std::string reason;       // when not ok
    boost::json::object more; // further information for people
};

// Whether a write was done whose answer was lost (rsf.settle/1).
struct Settlement {
    enum class How { unknown, not_done, done };
    How how = How::unknown;
    std::string reason{};                // a sentence, when it is not known
    boost::json::value object{};         // as the write left it; null: the driver does not show it
    std::size_t counted = 0;             // as of Success
    std::string revision{};              // of the object that is there, whatever became of the write; empty: not known
    std::uint32_t outcome = 0;           // RSF_OUTCOME_..., of an apply that was done
    std::vector<std::string> warnings{}; // sentences for the client
    std::string selflink{};
};

// The one name of a type that clients write in many ways (rsf.kind/1).
struct TypeName {
    std::string group; // of a-z, A-Z, 0-9, '.', '_' and '-', or empty
    std::string kind;  // likewise, not empty
    bool namespaced = false;
    std::optional<bool> is_there{}; // whether the cluster has it; none: that is not known now
    friend bool operator==(const TypeName &, const TypeName &) = default;
};

[[noreturn]] void throw_exception_from_error(const Failure &failure, const boost::source_location &where);

// An edge of the order that a driver asks for with rsf.order/1.
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
