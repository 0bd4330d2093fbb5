// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_host.hpp"

#include "base/text.hpp"
#include "drivers/answer.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <resourcifier/answer_rules.hpp>
#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::drivers {

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

} // namespace

DriverHost::DriverHost(std::string target_name, std::vector<std::string> secrets, std::shared_ptr<OtherTargets> others, Log log)
    : target_(std::move(target_name)), secrets_(std::move(secrets)), others_(std::move(others)), log_(std::move(log)) {}

DriverHost::Asking::Asking(const Call &during) : cancelled(during.stop, [source = end]() mutable { source.request_stop(); }) {}

void DriverHost::began(std::span<const rsf_call *const> frames, std::span<const Call> given) {
    const shared::Lock lock(mutex_);
    under_way_.reserve(under_way_.size() + frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) under_way_.push_back({frames[i], &given[i], nullptr, {20, 5}});
}

void DriverHost::ended(std::span<const rsf_call *const> frames) {
    for (const rsf_call *frame : frames) end(frame);
}

void DriverHost::end(const rsf_call *frame) {
    std::shared_ptr<const Asking> over;
    {
        const shared::Lock lock(mutex_);
        const auto found = find(frame);
        if (found == under_way_.end()) return;
        over = std::move(found->asking);
        *found = std::move(under_way_.back());
        under_way_.pop_back();
    }
    if (over) std::stop_source(over->end).request_stop(); // also stops calls of the driver's other threads on other targets
}

std::vector<DriverHost::UnderWay>::iterator DriverHost::find(const rsf_call *frame) {
    return std::ranges::find(under_way_, frame, &UnderWay::frame);
}

RawAnswer DriverHost::ask(const rsf_call *during, std::string_view other, Call call) {
    if (!others_) return refused(Code::unsupported, "this driver reaches no other target");
    std::shared_ptr<Share> around;
    {
        const shared::Lock lock(mutex_);
        const auto surrounding = find(during);
        if (surrounding == under_way_.end()) return call_is_over();
        if (!surrounding->asking) surrounding->asking = std::make_shared<const Asking>(*surrounding->given);
        const std::chrono::steady_clock::time_point latest = surrounding->given->deadline;
        const bool has_own = call.deadline != std::chrono::steady_clock::time_point{};
        call.deadline = has_own ? std::min(call.deadline, latest) : latest;
        call.request_id = surrounding->given->request_id;
        call.stop = surrounding->asking->end.get_token();
        around = surrounding->given->memory;
    }
    call.as_text = true;
    // The answer is freed as soon as it is passed on, while the surrounding call goes on.
    if (around) call.memory = around->another();
    const std::shared_ptr<Share> own = call.memory;
    RawAnswer raw = raw_answer_of(others_->ask(other, std::move(call)));
    if (own && own->was_refused()) around->note_refusal();
    return raw;
}

RawAnswer DriverHost::describe(std::string_view other) {
    if (!others_) return refused(Code::unsupported, "this driver reaches no other target");
    const Result<boost::json::object> found = others_->describe(other);
    if (!found) return refused(found.error().code, found.error().message);
    return raw_answer_of(Success{*found, 0, {}});
}

void DriverHost::write(const rsf_call *call, std::int32_t level, std::string_view message) {
    if (!log_->should_log(level_of(level))) return;
    std::string request_id;
    std::size_t refused = 0;
    {
        const shared::Lock lock(mutex_);
        if (!budget_.take(LineBudget::Clock::now())) return;
        refused = budget_.refused();
        if (const auto during = find(call); during != under_way_.end()) request_id = during->given->request_id;
    }
    if (refused != 0)
        log_->warn("{}its driver wrote too much: {} lines before this one are left out", LogFields{{"target", target_}}, refused);
    write_line(level, request_id, message);
}

void DriverHost::progress(const rsf_call *call, std::string_view line) {
    std::string request_id;
    std::function<void(std::string_view)> told;
    {
        const shared::Lock lock(mutex_);
        const auto during = find(call);
        if (during == under_way_.end() || !during->progress.take(LineBudget::Clock::now())) return;
        request_id = during->given->request_id;
        told = during->given->progress;
    }
    // Cut twice, as in write_line().
    const std::string safe = printable(without_secrets(line.substr(0, 4 * max_progress), secrets_), max_progress);
    if (safe.empty()) return;
    if (told) told(safe);
    log_->debug("{}progress: {}", LogFields{{"target", target_}, {"request", request_id}}, safe);
}

void DriverHost::write_about(std::int32_t level, std::string_view message) { write_line(level, {}, message); }

void DriverHost::write_line(std::int32_t level, std::string_view request_id, std::string_view message) {
    // Cut before the search for secrets, so that its cost is bounded, and again after it. The margin keeps a secret at the final
    // cut whole.
    const std::string safe = printable(without_secrets(message.substr(0, 4 * longest_message), secrets_), longest_message);
    log_->log(level_of(level), "{}{}", LogFields{{"target", target_}, {"request", request_id}}, safe);
}

} // namespace rsf::drivers
