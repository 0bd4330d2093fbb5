// SPDX-License-Identifier: Apache-2.0
//
// Errors are values: what went wrong, where, and a code for programs. Exceptions end at the library call that threw.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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

// "not-found", "already-exists", …, as answers say it.
std::string_view word_of(Code code);

// Where in a text something stands. Lines and columns count from 1, columns in bytes; 0: not known.
struct Place {
    std::string file{};
    std::size_t line = 0;
    std::size_t column = 0;
    std::string pointer{}; // JSON Pointer (RFC 6901), or empty
};

struct Error {
    Code code = Code::internal;
    std::string message; // a sentence for people, without the place
    Place place;
    std::vector<Error> causes; // when several things were wrong, each of them
};

// "settings.yaml:3:7: unknown key …", a line for each cause.
std::string to_string(const Error &error);

template <class T> using Result = boost::system::result<T, Error>;

// Found by boost::system::result when value() is asked of an error: a fault of the program.
[[noreturn]] void throw_exception_from_error(const Error &error, const boost::source_location &where);

} // namespace rsf::base

// Every module may use what base/ declares without naming it. These three need saying: rsf:: has others of their names, the
// SDK's.
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
namespace rsf::targets {
using namespace base;
using base::Code, base::Error, base::Result;
} // namespace rsf::targets
