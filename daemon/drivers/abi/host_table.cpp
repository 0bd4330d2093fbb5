// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/host_table.hpp"

#include "base/text.hpp"
#include "drivers/abi/driver_values.hpp"

#include <resourcifier/extensions.h>
#include <resourcifier/utf8.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>
#include <variant>

namespace rsf::drivers {

namespace {

Host &host_behind(const rsf_host *host) { return static_cast<const HostTable *>(host)->behind(); }

// The functions that the driver calls. No exception may pass through its frames.
void write_line(const rsf_host *host, const rsf_call *call, std::int32_t level, rsf_text message) noexcept {
    if (host == nullptr || !is_sound(message)) return;
    try {
        host_behind(host).write(call, level, view(message));
    } catch (...) { // no memory for a line of the log: the line is lost, the call goes on
    }
}

constexpr rsf_log log_table{sizeof(rsf_log), 0, write_line};

void say_progress(const rsf_host *host, const rsf_call *call, rsf_text line) noexcept {
    if (host == nullptr || call == nullptr || !is_sound(line)) return;
    try {
        host_behind(host).progress(call, view(line));
    } catch (...) { // no memory: the line is lost, the call goes on
    }
}

constexpr rsf_progress progress_table{sizeof(rsf_progress), 0, say_progress};

void tell(rsf_sink *sink, const RawAnswer::Failure &failure) {
    const rsf_failure told{.size = sizeof(rsf_failure),
                           .code = failure.code,
                           .message = text(failure.message),
                           .retry = failure.retry,
                           .reserved = 0,
                           .retry_after_ms = failure.retry_after_ms,
                           .details = text(failure.details),
                           .effect = failure.effect,
                           .reserved2 = 0};
    sink->fail(sink, &told);
}

void tell(rsf_sink *sink, const RawAnswer &raw) {
    if (const auto *failure = std::get_if<RawAnswer::Failure>(&raw.first)) return tell(sink, *failure);
    const auto &result = std::get<RawAnswer::Result>(raw.first);
    const rsf_result told{.size = sizeof(rsf_result),
                          .outcome = result.outcome,
                          .object = text(result.object),
                          .selflink = text(result.selflink),
                          .revision = text(result.revision),
                          .warnings = text(result.warnings)};
    sink->succeed(sink, &told);
}

constexpr const char *not_utf8 = "a text of the call is not UTF-8";
constexpr const char *not_known = "the call's verb or one of its flags is not known to this host";

RawAnswer::Failure refusal(Code code, std::string message) {
    return {static_cast<std::int32_t>(code), std::move(message), RSF_RETRY_NEVER, 0, {}};
}

// The work of a function of rsf.target/1: an exception becomes a failure.
template <class Work> void answer(rsf_sink *sink, Work work) noexcept {
    try {
        work();
    } catch (const std::exception &) {
        constexpr std::string_view message = "the host ran out of memory at this call";
        const rsf_failure told{sizeof(rsf_failure), RSF_INTERNAL, text(message), RSF_RETRY_LATER, 0, 0, {}, RSF_EFFECT_KNOWN, 0};
        sink->fail(sink, &told);
    }
}

// A copy of the call that a driver makes on another target, or why it is refused.
boost::system::result<Call, RawAnswer::Failure> copy_call(const rsf_call &call) {
    for (const rsf_text given :
         {call.type, call.name, call.ns, call.label_selector, call.field_selector, call.object, call.expected_revision})
        if (!is_sound(given)) return refusal(Code::invalid, not_utf8);
    constexpr std::uint32_t known = RSF_CALL_DRY_RUN | RSF_CALL_ALL_NAMESPACES;
    if ((call.flags & ~known) != 0) return refusal(Code::unsupported, not_known);
    Call copy;
    copy.verb = static_cast<Verb>(call.verb);
    copy.all_namespaces = (call.flags & RSF_CALL_ALL_NAMESPACES) != 0;
    copy.dry_run = (call.flags & RSF_CALL_DRY_RUN) != 0;
    copy.type = view(call.type);
    copy.name = view(call.name);
    copy.ns = view(call.ns);
    copy.label_selector = view(call.label_selector);
    copy.field_selector = view(call.field_selector);
    copy.object = view(call.object);
    copy.expected_revision = view(call.expected_revision);
    if (call.deadline_ns > 0) copy.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(call.deadline_ns));
    if (std::optional<RawAnswer::Failure> why = refusal_of(copy)) return std::move(*why);
    return copy;
}

void perform_elsewhere(const rsf_host *host, const rsf_call *during, rsf_text target, const rsf_call *call,
                       rsf_sink *sink) noexcept {
    if (host == nullptr || sink == nullptr) return;
    answer(sink, [&] {
        constexpr std::size_t least = offsetof(rsf_call, operation); // the size in ABI 1.0
        if (call == nullptr || call->size < least || !is_sound(target))
            return tell(sink, refusal(Code::invalid, "rsf.target/1 was given no call, a short one or no target"));
        auto asked = copy_call(whole(call));
        if (!asked) return tell(sink, asked.error());
        tell(sink, host_behind(host).ask(during, view(target), std::move(*asked)));
    });
}

void describe_other(const rsf_host *host, rsf_text target, rsf_sink *sink) noexcept {
    if (host == nullptr || sink == nullptr) return;
    answer(sink, [&] {
        if (!is_sound(target)) return tell(sink, refusal(Code::invalid, "rsf.target/1 was given no target"));
        tell(sink, host_behind(host).describe(view(target)));
    });
}

constexpr rsf_target target_table{sizeof(rsf_target), 0, perform_elsewhere, describe_other};

const void *find_extension(const rsf_host *host, rsf_text id) noexcept {
    if (!is_sound(id)) return nullptr;
    if (view(id) == RSF_EXT_LOG) return &log_table;
    if (view(id) == RSF_EXT_PROGRESS) return &progress_table;
    if (view(id) == RSF_EXT_TARGET && host != nullptr && host_behind(host).reaches_others()) return &target_table;
    return nullptr;
}

} // namespace

std::optional<RawAnswer::Failure> refusal_of(const Call &call) {
    const auto verb = static_cast<std::uint32_t>(call.verb);
    if (verb < RSF_LIST || verb > RSF_APPLY) return refusal(Code::unsupported, not_known);
    for (const std::string *text :
         {&call.type, &call.name, &call.ns, &call.label_selector, &call.field_selector, &call.object, &call.expected_revision})
        if (!is_utf8(*text)) return refusal(Code::invalid, not_utf8);
    return std::nullopt;
}

HostTable::HostTable(std::string target_name, std::shared_ptr<Host> behind)
    : rsf_host{}, target_name_(std::move(target_name)), behind_(std::move(behind)) {
    size = sizeof(rsf_host);
    abi_major = RSF_ABI_MAJOR;
    abi_minor = RSF_ABI_MINOR;
    name = RSF_TEXT("resourcifierd");
    version = RSF_TEXT(RESOURCIFIER_VERSION);
    target = text(target_name_);
    get_extension = find_extension;
}

} // namespace rsf::drivers
