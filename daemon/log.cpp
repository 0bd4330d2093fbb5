// SPDX-License-Identifier: Apache-2.0
#include "log.hpp"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace rsf::daemon {

Log make_log(std::string_view level) {
    auto log = std::make_shared<spdlog::logger>("resourcifierd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    log->set_level(spdlog::level::from_str(std::string(level)));
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    log->flush_on(spdlog::level::trace);
    return log;
}

Log silent_log() { return std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>()); }

} // namespace rsf::daemon
