// SPDX-License-Identifier: Apache-2.0
//
// Errors are values: what went wrong, where, and a code for programs. Exceptions end at the library call that threw.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::base {

// The driver ABI's codes (sdk/include/resourcifier/answer.h), which the whole daemon uses.
enum class Code : std::int32_t {
    not_found = 1,
    already_exists = 2,
    conflict = 3,
    invalid = 4,
    unauthorized = 5,
    forbidden = 6,
    unavailable = 7,
    timeout = 8,
    cancelled = 9,
    unsupported = 10,
    internal = 11,
};

// The code's name in answers: "not-found", "already-exists", …
std::string_view word_of(Code code);
std::optional<Code> code_of(std::string_view word);

// A position in a text. Lines and columns count from 1, columns in bytes; 0: not known.
struct Place {
    std::string file{};
    std::size_t line = 0;
    std::size_t column = 0;
    std::string pointer{}; // JSON Pointer (RFC 6901), or empty
};

struct Error {
    Code code = Code::internal;
    std::string message; // a sentence for people, without the place
    Place place{};
    std::vector<Error> causes{}; // when several things were wrong, each of them

    // The same error with its place, with the file alone, or with its causes.
    Error at(Place where) && {
        place = std::move(where);
        return std::move(*this);
    }
    Error in_file(std::string file) && {
        place.file = std::move(file);
        return std::move(*this);
    }
    Error because(std::vector<Error> of) && {
        causes = std::move(of);
        return std::move(*this);
    }
};

// An error of each code: invalid("…").at(place).
inline Error error_of(Code code, std::string message) { return {code, std::move(message)}; }
inline Error not_found(std::string message) { return error_of(Code::not_found, std::move(message)); }
inline Error already_exists(std::string message) { return error_of(Code::already_exists, std::move(message)); }
inline Error conflict(std::string message) { return error_of(Code::conflict, std::move(message)); }
inline Error invalid(std::string message) { return error_of(Code::invalid, std::move(message)); }
inline Error forbidden(std::string message) { return error_of(Code::forbidden, std::move(message)); }
inline Error unavailable(std::string message) { return error_of(Code::unavailable, std::move(message)); }
inline Error unsupported(std::string message) { return error_of(Code::unsupported, std::move(message)); }
inline Error internal(std::string message) { return error_of(Code::internal, std::move(message)); }

// "settings.yaml:3:7: unknown key …", a line for each cause, indented below what it is the cause of.
std::string to_string(const Error &error);
// The same for a line of the log: "these settings have 2 mistakes: settings.yaml:3:7: …; settings.yaml:4:1: …".
std::string in_one_line(const Error &error);

template <class T> using Result = boost::system::result<T, Error>;

// Called by boost::system::result when value() is called on an error, which is a bug.
[[noreturn]] void throw_exception_from_error(const Error &error, const boost::source_location &where);

} // namespace rsf::base

// Every module may use what base/ declares without qualification. These three names need a using-declaration, since the SDK
// declares others of the same names in rsf::.
namespace rsf::api {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::api
namespace rsf::config {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::config
namespace rsf::daemon {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::daemon
namespace rsf::drivers {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::drivers
namespace rsf::graph {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::graph
namespace rsf::http {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::http
namespace rsf::metrics {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::metrics
namespace rsf::operations {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::operations
namespace rsf::parse {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::parse
namespace rsf::process {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::process
namespace rsf::render {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::render
namespace rsf::run {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::run
namespace rsf::service {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::service
namespace rsf::store {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::store
namespace rsf::targets {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::targets
