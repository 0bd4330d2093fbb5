// SPDX-License-Identifier: Apache-2.0
//
// What a store keeps of an operation. Plain values: thread-safe as values are.
#pragma once

#include "base/caller.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::store {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline Time now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

enum class State { queued, running, waiting, settling, succeeded, failed, cancelled };

// In the order of State.
inline constexpr std::array<std::string_view, 7> state_words{"queued",    "running", "waiting",  "settling",
                                                             "succeeded", "failed",  "cancelled"};

// "queued", …, as documents and filters have it.
std::string_view word_of(State state);
std::optional<State> state_of(std::string_view word);
// Whether nothing of the operation happens any more.
bool is_final(State state);

// The object that a resource names, as far as its properties say so.
struct ObjectName {
    std::string group, kind, ns, name; // group and ns: empty where there is none, or none is given

    friend bool operator==(const ObjectName &, const ObjectName &) = default;
};

// One resource of an operation.
struct Step {
    std::string name, type; // as posted
    ObjectName object;
    std::string status; // "Pending", "Running", and how it ended: "Created", …, "Unknown"
    std::vector<std::string> errors, warnings;
    std::string code;                   // of a failure, for programs; else empty
    std::string details;                // of it, JSON; else empty
    std::chrono::seconds retry_after{}; // 0: not known to help
    std::string selflink;
    std::optional<Time> started, ended;
    bool is_close = false; // its object was written by the daemon so shortly before that times may not tell the writes apart

    friend bool operator==(const Step &, const Step &) = default;
};

// A client's name for an operation, by which a repeated request is recognised.
struct Key {
    std::string caller, text;
    std::string digest; // of the request
    Time expires;

    friend bool operator==(const Key &, const Key &) = default;
};

// An operation without its resources.
struct Summary {
    std::string id; // operation_id.hpp
    std::string kind = "write";
    std::string target, verb, ns, request_id, reason;
    base::Caller caller;
    Time created{};
    std::optional<Time> started, ended;
    State state = State::queued;
    std::string failure;                   // why the whole of it was refused, or ended early; a sentence, or empty
    std::string code;                      // of that failure
    bool is_cancelled = false;             // somebody asked for its end
    std::size_t resources = 0, failed = 0; // how many; failed: or aborted
};

struct Operation : Summary {
    std::vector<Step> steps; // of each resource, in the order posted
    // What it takes to go on with the operation after a restart. Kept until the operation has ended.
    std::string payload;
    std::optional<Key> key;
};

} // namespace rsf::store
