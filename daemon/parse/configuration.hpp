// SPDX-License-Identifier: Apache-2.0
//
// A configuration as plain values, and how it is read from and written to a body. No shared state: thread-safe as values are.
#pragma once

#include "base/error.hpp"
#include "parse/limits.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::parse {

// How a resource ended. In documents: "Created", "Replaced", "Unchanged", "Deleted", "Failed", "Aborted", and "Unknown" where
// nobody can tell whether it was done.
enum class Status { created, replaced, unchanged, deleted, failed, aborted, unknown };
inline constexpr std::size_t status_count = 7;

std::string_view to_string(Status status);
std::optional<Status> status_of(std::string_view word);
inline bool went_well(Status status) {
    return status != Status::failed && status != Status::aborted && status != Status::unknown;
}

// What a call's failure says for programs.
struct FailureForPrograms {
    std::string code;                   // "not-found", or the number of a code of the driver's own: "1042"
    boost::json::value details;         // the driver's; null: none
    std::chrono::seconds retry_after{}; // 0: not known to help
};

struct State {
    Status status = Status::failed;
    std::vector<std::string> errors; // sentences
    std::string selflink;
    std::optional<FailureForPrograms> failure{};
    std::vector<std::string> warnings{}; // sentences of the driver's, though it succeeded
};

struct Resource {
    std::string name;
    std::string type;
    boost::json::object properties;
    std::optional<State> state; // in answers; ignored in requests
    Place place;                // where the resource began in the body
};

struct Configuration {
    std::vector<Resource> resources; // in the order posted
    std::size_t memory = 0;          // bytes that it takes, about; only of one that was read
};

// Reads a body, YAML or JSON, whichever it is. Keys of the daemon's own (resources, name, type, properties, state) match in any
// case, as the original's did; a number or a boolean where a string belongs is taken as its text. Refused, each with its place:
// unknown keys (the nearest known one is named), no or empty resources. Resources may share name and type.
Result<Configuration> read_configuration(std::string_view body, const Limits &limits);

// {"resources": [...]}, states included where they are set. Moves the properties out of configuration.
boost::json::value to_value(Configuration configuration);

} // namespace rsf::parse
