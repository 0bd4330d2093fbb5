// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_host.hpp"

#include "drivers/driver_values.hpp"
#include "drivers/settings_schema.hpp"
#include "text.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace rsf::daemon {

namespace {

constexpr std::size_t longest_message = 4096; // bytes of a driver's message in the log

spdlog::level::level_enum level_of(std::int32_t level) {
    switch (level) {
    case RSF_LOG_DEBUG: return spdlog::level::debug;
    case RSF_LOG_WARNING: return spdlog::level::warn;
    case RSF_LOG_ERROR: return spdlog::level::err;
    default: return spdlog::level::info;
    }
}

// What the driver calls. Nothing may be thrown through its frames.
void write_line(const rsf_host *host, const rsf_call *call, std::int32_t level, rsf_text message) noexcept {
    if (host == nullptr || !is_sound(message)) return;
    try {
        static_cast<const DriverHost *>(host)->write(call, level, view(message));
    } catch (...) { // no memory for a line of the log: the line is lost, the call goes on
    }
}

constexpr rsf_log log_table{sizeof(rsf_log), 0, write_line};

void tell(rsf_sink *sink, const Failure &failure) {
    const std::string details = failure.details.is_null() ? std::string() : boost::json::serialize(failure.details);
    const auto retry = failure.retry == Failure::Retry::never   ? RSF_RETRY_NEVER
                       : failure.retry == Failure::Retry::later ? RSF_RETRY_LATER
                                                                : RSF_RETRY_UNKNOWN;
    const rsf_failure told{.size = sizeof(rsf_failure),
                           .code = static_cast<std::int32_t>(failure.code),
                           .message = text(failure.message),
                           .retry = retry,
                           .reserved = 0,
                           .retry_after_ms = failure.retry_after.count(),
                           .details = text(details)};
    sink->fail(sink, &told);
}

void tell(rsf_sink *sink, const Success &success) {
    const std::string object = success.object.is_null() ? std::string() : boost::json::serialize(success.object);
    const rsf_result told{sizeof(rsf_result), success.outcome, text(object), text(success.selflink)};
    sink->succeed(sink, &told);
}

Failure refusal(Code code, std::string message) { return {code, std::move(message), Failure::Retry::never, {}, nullptr}; }

// The work of a function of rsf.target/1: whatever it throws is told as a failure.
template <class Work> void answer(rsf_sink *sink, Work work) noexcept {
    try {
        work();
    } catch (const std::exception &) {
        constexpr std::string_view message = "the host ran out of memory at this call";
        const rsf_failure told{sizeof(rsf_failure), RSF_INTERNAL, text(message), RSF_RETRY_LATER, 0, 0, {}};
        sink->fail(sink, &told);
    }
}

void perform_elsewhere(const rsf_host *host, const rsf_call *during, rsf_text target, const rsf_call *call,
                       rsf_sink *sink) noexcept {
    if (host == nullptr || sink == nullptr) return;
    answer(sink, [&] {
        if (call == nullptr || call->size < sizeof(rsf_call) || !is_sound(target))
            return tell(sink, refusal(Code::invalid, "rsf.target/1 was given no call, a short one or no target"));
        const Answer told = static_cast<const DriverHost *>(host)->ask(during, view(target), *call);
        if (told)
            tell(sink, *told);
        else
            tell(sink, told.error());
    });
}

void describe_other(const rsf_host *host, rsf_text target, rsf_sink *sink) noexcept {
    if (host == nullptr || sink == nullptr) return;
    answer(sink, [&] {
        const Result<boost::json::object> found =
            is_sound(target) ? static_cast<const DriverHost *>(host)->describe(view(target))
                             : Result<boost::json::object>(Error{Code::invalid, "rsf.target/1 was given no target", {}, {}});
        if (found)
            tell(sink, Success{*found, 0, {}});
        else
            tell(sink, refusal(found.error().code, found.error().message));
    });
}

constexpr rsf_target target_table{sizeof(rsf_target), 0, perform_elsewhere, describe_other};

const void *find_extension(const rsf_host *host, rsf_text id) noexcept {
    if (!is_sound(id)) return nullptr;
    if (view(id) == RSF_EXT_LOG) return &log_table;
    if (view(id) == RSF_EXT_TARGET && host != nullptr && static_cast<const DriverHost *>(host)->reaches_others())
        return &target_table;
    return nullptr;
}

} // namespace

DriverHost::DriverHost(std::string target_name, std::vector<std::string> secrets, std::shared_ptr<OtherTargets> others, Log log)
    : rsf_host{}, target_(std::move(target_name)), secrets_(std::move(secrets)), others_(std::move(others)),
      log_(std::move(log)) {
    rsf_host::size = sizeof(rsf_host);
    rsf_host::abi_major = RSF_ABI_MAJOR;
    rsf_host::abi_minor = RSF_ABI_MINOR;
    rsf_host::name = RSF_TEXT("resourcifierd");
    rsf_host::version = RSF_TEXT(RESOURCIFIER_VERSION);
    rsf_host::target = text(target_);
    rsf_host::get_extension = find_extension;
}

DriverHost::Asking::Asking(const Call &during) : cancelled(during.stop, [source = end]() mutable { source.request_stop(); }) {}

void DriverHost::began(const rsf_call *frame, const Call &given) {
    const std::lock_guard lock(mutex_);
    under_way_.push_back({frame, &given, nullptr});
}

void DriverHost::began(const std::vector<const rsf_call *> &frames, const std::vector<Call> &given) {
    const std::lock_guard lock(mutex_);
    under_way_.reserve(under_way_.size() + frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) under_way_.push_back({frames[i], &given[i], nullptr});
}

void DriverHost::ended(const rsf_call *frame) {
    std::shared_ptr<const Asking> over;
    {
        const std::lock_guard lock(mutex_);
        const auto found = find(frame);
        if (found == under_way_.end()) return;
        over = std::move(found->asking);
        *found = std::move(under_way_.back());
        under_way_.pop_back();
    }
    if (over) std::stop_source(over->end).request_stop(); // what the driver's other threads still ask of other targets
}

std::vector<DriverHost::UnderWay>::iterator DriverHost::find(const rsf_call *frame) const {
    return std::ranges::find(under_way_, frame, &UnderWay::frame);
}

Answer DriverHost::ask(const rsf_call *during, std::string_view other, const rsf_call &call) const {
    for (const rsf_text given : {call.type, call.name, call.ns, call.label_selector, call.field_selector, call.object})
        if (!is_sound(given) || !is_utf8(view(given))) return refusal(Code::invalid, "a text of the call is not UTF-8");
    constexpr std::uint32_t known = RSF_CALL_DRY_RUN | RSF_CALL_ALL_NAMESPACES;
    if (call.verb < RSF_LIST || call.verb > RSF_APPLY || (call.flags & ~known) != 0)
        return refusal(Code::unsupported, "the call's verb or one of its flags is not known to this host");
    Call asked;
    asked.verb = static_cast<Verb>(call.verb);
    asked.all_namespaces = (call.flags & RSF_CALL_ALL_NAMESPACES) != 0;
    asked.dry_run = (call.flags & RSF_CALL_DRY_RUN) != 0;
    asked.type = view(call.type);
    asked.name = view(call.name);
    asked.ns = view(call.ns);
    asked.label_selector = view(call.label_selector);
    asked.field_selector = view(call.field_selector);
    asked.object = view(call.object);
    {
        const std::lock_guard lock(mutex_);
        const auto surrounding = find(during);
        if (surrounding == under_way_.end())
            return refusal(Code::cancelled, "the call during which another target was to be asked is over");
        if (!surrounding->asking) surrounding->asking = std::make_shared<const Asking>(*surrounding->given);
        asked.request_id = surrounding->given->request_id;
        const std::chrono::steady_clock::time_point own{std::chrono::nanoseconds(call.deadline_ns)};
        asked.deadline = call.deadline_ns > 0 ? std::min(own, surrounding->given->deadline) : surrounding->given->deadline;
        asked.stop = surrounding->asking->end.get_token();
    }
    return others_->ask(other, std::move(asked));
}

void DriverHost::write(const rsf_call *call, std::int32_t level, std::string_view message) const {
    const auto severity = level_of(level);
    if (!log_->should_log(severity)) return;
    std::string request_id;
    {
        const std::lock_guard lock(mutex_);
        if (const auto during = find(call); during != under_way_.end()) request_id = during->given->request_id;
    }
    // Cut before the search for secrets, which should not be paid for a line of any length, and again after it. The margin keeps
    // a secret that stands on the edge whole.
    const std::string safe = printable(without_secrets(message.substr(0, 4 * longest_message), secrets_), longest_message);
    log_->log(severity, "target={} request={} {}", printable(target_), request_id.empty() ? "-" : printable(request_id), safe);
}

} // namespace rsf::daemon
