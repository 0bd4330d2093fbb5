// SPDX-License-Identifier: Apache-2.0
//
// barrier.hpp: how an answer, and anything that a driver throws, reaches a sink. Part of driver.hpp. C++17. Nothing is thrown
// past these functions; thread-safe.
#ifndef RESOURCIFIER_DETAIL_BARRIER_HPP
#define RESOURCIFIER_DETAIL_BARRIER_HPP

#include "values.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace rsf {
namespace detail {

inline void fail(rsf_sink *sink, std::int32_t code, std::string_view message, Retry retry = Retry::unknown,
                 std::chrono::milliseconds retry_after = {}, std::string_view details = {},
                 Effect effect = Effect::unsaid) noexcept {
    rsf_failure failure{};
    failure.size = sizeof failure;
    failure.code = code;
    failure.message = text(message.empty() ? "The driver gave no reason." : message);
    failure.retry = static_cast<std::int32_t>(retry);
    failure.retry_after_ms = retry_after.count();
    failure.details = text(details);
    failure.effect = static_cast<std::uint32_t>(effect);
    sink->fail(sink, &failure);
}

// Memory may be short: then the failure is sent without details.
inline void fail(rsf_sink *sink, const Error &error) noexcept {
    std::string details;
    try {
        if (!error.details.is_null()) details = json_text(error.details);
    } catch (...) {
        details.clear();
    }
    fail(sink, static_cast<std::int32_t>(error.code), error.what(), error.retry, error.retry_after, details, error.effect);
}

inline void fail(rsf_sink *sink, const std::exception &error) noexcept {
    const char *what = error.what();
    std::string message;
    try {
        message = std::string("The driver threw an exception: ") + (what ? what : "it says nothing");
    } catch (...) {
        message.clear();
    }
    fail(sink, RSF_INTERNAL, message.empty() ? std::string_view("The driver threw an exception.") : message);
}

// Memory may be short: then the result is sent without warnings, since what it tells of has happened.
inline void succeed(rsf_sink *sink, const Result &done) noexcept {
    std::string warnings;
    try {
        if (!done.warnings.empty()) warnings = json_text(json::array(done.warnings.begin(), done.warnings.end()));
    } catch (...) {
        warnings.clear();
    }
    rsf_result result{};
    result.size = sizeof result;
    result.outcome = static_cast<std::uint32_t>(done.outcome);
    result.object = text(done.text);
    result.selflink = text(done.selflink);
    result.revision = text(done.revision);
    result.warnings = text(warnings);
    sink->succeed(sink, &result);
}

// The barrier: runs work and turns whatever it throws, an int too, into a failure.
template <class Work> void guarded(rsf_sink *sink, Work &&work) noexcept {
    try {
        work();
    } catch (const Error &error) {
        fail(sink, error);
    } catch (const std::bad_alloc &) {
        fail(sink, RSF_INTERNAL, "The driver ran out of memory.", Retry::later);
    } catch (const std::exception &error) {
        fail(sink, error);
    } catch (...) {
        fail(sink, RSF_INTERNAL, "The driver threw something that is not a std::exception.");
    }
}

} // namespace detail
} // namespace rsf

#endif
