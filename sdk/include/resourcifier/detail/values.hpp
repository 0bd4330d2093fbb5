// SPDX-License-Identifier: Apache-2.0
//
// values.hpp: what passes between a driver and its host in C++: codes, errors, a call, its result, and the host. Part of
// driver.hpp. C++17. Values; Host is thread-safe.
#ifndef RESOURCIFIER_DETAIL_VALUES_HPP
#define RESOURCIFIER_DETAIL_VALUES_HPP

#include "../json_text.hpp"
#include "../resourcifier.h"

#if !defined(__cpp_exceptions)
#error "driver.hpp needs exceptions: without them, write the driver with the C headers alone."
#endif

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf {

enum class Code : std::int32_t {
    not_found = RSF_NOT_FOUND,
    already_exists = RSF_ALREADY_EXISTS,
    conflict = RSF_CONFLICT,
    invalid = RSF_INVALID,
    unauthorized = RSF_UNAUTHORIZED,
    forbidden = RSF_FORBIDDEN,
    unavailable = RSF_UNAVAILABLE,
    timeout = RSF_TIMEOUT,
    cancelled = RSF_CANCELLED,
    unsupported = RSF_UNSUPPORTED,
    internal = RSF_INTERNAL,
};

enum class Retry : std::int32_t { unknown = RSF_RETRY_UNKNOWN, never = RSF_RETRY_NEVER, later = RSF_RETRY_LATER };

enum class Outcome : std::uint32_t {
    done = RSF_OUTCOME_DONE,
    unchanged = RSF_OUTCOME_UNCHANGED,
    created = RSF_OUTCOME_CREATED,
    changed = RSF_OUTCOME_CHANGED,
};

// Of a write that failed: see answer.h.
enum class Effect : std::uint32_t { unsaid = RSF_EFFECT_UNSAID, known = RSF_EFFECT_KNOWN, unknown = RSF_EFFECT_UNKNOWN };

enum class LogLevel : std::int32_t {
    debug = RSF_LOG_DEBUG,
    info = RSF_LOG_INFO,
    warning = RSF_LOG_WARNING,
    error = RSF_LOG_ERROR,
};

// What a verb throws when it can't do its work. message is a sentence for people and holds no secret. A code of the driver's own
// is static_cast<Code>(RSF_DRIVER_CODES + n).
class Error : public std::runtime_error {
  public:
    Error(Code what_kind, const std::string &message, Retry again = Retry::unknown, std::chrono::milliseconds after = {},
          json::value more = nullptr)
        : std::runtime_error(message), code(what_kind), retry(again), retry_after(after), details(std::move(more)) {}

    Code code;
    Retry retry;
    std::chrono::milliseconds retry_after;
    json::value details; // null: none
    Effect effect = Effect::unsaid;
};

// The error, which says whether a write may have happened all the same: throw with_effect(Effect::unknown, Error(...)).
inline Error with_effect(Effect effect, Error error) {
    error.effect = effect;
    return error;
}

constexpr std::string_view view(rsf_text text) {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}
constexpr rsf_text text(std::string_view view) { return {view.data(), view.size()}; }

// One call, for as long as it lasts. Views and the Call itself die with it.
class Call {
  public:
    explicit Call(const rsf_call &raw) : raw_(&raw) {}

    std::uint32_t verb() const { return raw_->verb; }
    std::string_view type() const { return view(raw_->type); }
    std::string_view name() const { return view(raw_->name); }
    std::string_view ns() const { return view(raw_->ns); }
    std::string_view label_selector() const { return view(raw_->label_selector); }
    std::string_view field_selector() const { return view(raw_->field_selector); }
    std::string_view request_id() const { return view(raw_->request_id); }
    std::string_view object_text() const { return view(raw_->object); }
    // Empty or 0 where the host is older than ABI 1.1.
    std::string_view operation() const { return RSF_HAS(raw_, operation) ? view(raw_->operation) : std::string_view(); }
    std::uint32_t step() const { return RSF_HAS(raw_, step) ? raw_->step : 0; }
    std::string_view expected_revision() const {
        return RSF_HAS(raw_, expected_revision) ? view(raw_->expected_revision) : std::string_view();
    }
    // When the host accepted what this call is a part of: milliseconds since 1970 by its clock; 0: not known.
    std::int64_t began_ms() const { return RSF_HAS(raw_, began_ms) ? raw_->began_ms : 0; }
    bool dry_run() const { return (raw_->flags & RSF_CALL_DRY_RUN) != 0; }
    bool all_namespaces() const { return (raw_->flags & RSF_CALL_ALL_NAMESPACES) != 0; }
    bool cancelled() const { return raw_->cancelled(raw_) != 0; }

    std::chrono::steady_clock::time_point deadline() const {
        return std::chrono::steady_clock::time_point{std::chrono::nanoseconds{raw_->deadline_ns}};
    }

    // The object of a write. Parsed anew at each call: keep it.
    json::object object() const {
        boost::system::error_code failed;
        json::value parsed = json_value(object_text(), failed);
        if (failed == json::error::exponent_overflow)
            throw Error(Code::invalid, "The object holds a number that is too large.", Retry::never);
        if (failed || !parsed.is_object()) throw Error(Code::invalid, "The object is not a JSON object.", Retry::never);
        return std::move(parsed.get_object());
    }

    const rsf_call &raw() const { return *raw_; }

  private:
    const rsf_call *raw_;
};

// What a verb that succeeded returns: for get, create, replace and apply the object as the cluster holds it now; for list an
// object with "items"; for remove nothing. An object shaped as Kubernetes' are that is another one than the object of the write
// fails the call.
struct Result {
    Result() = default;
    Result(const json::value &object, Outcome how = Outcome::done, std::string link = {})
        : text(json_text(object)), outcome(how), selflink(std::move(link)) {}
    Result(const json::object &object, Outcome how = Outcome::done, std::string link = {})
        : text(json_text(object)), outcome(how), selflink(std::move(link)) {}

    // For drivers that hold the answer as JSON text already.
    static Result from_text(std::string json_text, Outcome how = Outcome::done, std::string link = {}) {
        Result result;
        result.text = std::move(json_text);
        result.outcome = how;
        result.selflink = std::move(link);
        return result;
    }

    std::string text; // JSON, or empty
    Outcome outcome = Outcome::done;
    std::string selflink;
    std::string revision{};              // what a later call's expected_revision() may be; empty: not known
    std::vector<std::string> warnings{}; // sentences for the client, though it succeeded
};

// The host, for as long as the driver lives. Copyable; thread-safe.
class Host {
  public:
    explicit Host(const rsf_host *raw)
        : raw_(raw), log_(extension<rsf_log>(RSF_EXT_LOG)), progress_(extension<rsf_progress>(RSF_EXT_PROGRESS)) {}

    std::string_view target() const { return view(raw_->target); }

    // Does nothing where the host keeps no log.
    void log(LogLevel level, std::string_view message, const Call *during = nullptr) const {
        if (log_) log_->write(raw_, during ? &during->raw() : nullptr, static_cast<std::int32_t>(level), text(message));
    }

    // How far the call is, in one line, for people who wait for it. Does nothing where the host has no use for it.
    void progress(const Call &call, std::string_view line) const {
        if (progress_) progress_->say(raw_, &call.raw(), text(line));
    }

    template <class Table> const Table *extension(std::string_view id) const {
        return static_cast<const Table *>(raw_->get_extension(raw_, text(id)));
    }

    const rsf_host *raw() const { return raw_; }

  private:
    const rsf_host *raw_;
    const rsf_log *log_;
    const rsf_progress *progress_;
};

} // namespace rsf

#endif
