// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_host.hpp"

#include "drivers/driver_values.hpp"
#include "drivers/settings_schema.hpp"
#include "text.hpp"

#include <resourcifier/extensions.h>

#include <utility>

namespace rsf::daemon {

namespace {

constexpr std::size_t max_line = 4096; // bytes of a driver's message in the log

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

const void *find_extension(const rsf_host *, rsf_text id) noexcept {
    return is_sound(id) && view(id) == RSF_EXT_LOG ? &log_table : nullptr;
}

} // namespace

DriverHost::DriverHost(std::string target_name, std::vector<std::string> secrets, Log log)
    : rsf_host{}, target_(std::move(target_name)), secrets_(std::move(secrets)), log_(std::move(log)) {
    rsf_host::size = sizeof(rsf_host);
    rsf_host::abi_major = RSF_ABI_MAJOR;
    rsf_host::abi_minor = RSF_ABI_MINOR;
    rsf_host::name = RSF_TEXT("resourcifierd");
    rsf_host::version = RSF_TEXT(RESOURCIFIER_VERSION);
    rsf_host::target = text(target_);
    rsf_host::get_extension = find_extension;
}

void DriverHost::began(const rsf_call *call, std::string_view request_id) {
    const std::lock_guard lock(mutex_);
    under_way_.insert_or_assign(call, std::string(request_id));
}

void DriverHost::ended(const rsf_call *call) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(call);
}

std::string DriverHost::request_of(const rsf_call *call) const {
    const std::lock_guard lock(mutex_);
    const auto found = under_way_.find(call);
    return found == under_way_.end() ? std::string() : found->second;
}

void DriverHost::write(const rsf_call *call, std::int32_t level, std::string_view message) const {
    const auto severity = level_of(level);
    if (!log_->should_log(severity)) return;
    const std::string request = request_of(call);
    // Cut before the search for secrets, which should not be paid for a line of any length, and again after it. The margin keeps
    // a secret that stands on the edge whole.
    const std::string safe = printable(without_secrets(message.substr(0, 4 * max_line), secrets_), max_line);
    log_->log(severity, "target={} request={} {}", printable(target_), request.empty() ? "-" : printable(request), safe);
}

} // namespace rsf::daemon
