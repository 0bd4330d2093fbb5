// SPDX-License-Identifier: Apache-2.0
#include "targets/descriptors.hpp"

#include "http/overload/connection_table.hpp"
#include "http/overload/reserve_fds.hpp"
#include "process/child_process.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <system_error>

namespace rsf::targets {

namespace {

// Standard streams, the log, listeners, the control socket, each thread's queue of events, files while settings are read.
constexpr std::size_t for_the_daemon = 64;
// A driver process, its control channel and output, and the same for starting its successor.
constexpr std::size_t for_a_driver = 12;
// The minimum with which the daemon can still be reached.
constexpr std::size_t fewest_connections = 8;

std::size_t fitting_connections(const config::Settings &settings, std::size_t descriptors) {
    const std::size_t besides = descriptors_besides_connections(settings);
    const std::size_t left = std::max(descriptors > besides ? descriptors - besides : 0, fewest_connections);
    return std::min(settings.limits.connections, left);
}

// The limit of this process; none: it can't be read.
std::optional<std::size_t> descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
}

} // namespace

void raise_descriptor_limit(const Log &log) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0)
        process::ChildProcess::give_descriptors(before);
    else
        log->warn("the limit of descriptors stays at {}: {}", before, std::generic_category().message(errno));
}

std::size_t descriptors_besides_connections(const config::Settings &settings) {
    std::size_t count = for_the_daemon + settings.listen.size() + http::ConnectionTable::reserve + http::ReserveFds::count;
    // Twice, since the planner of a target has a process of its own. A call takes a channel to the process or, in the daemon, a
    // connection.
    for (const config::TargetSettings &target : settings.targets) count += 2 * (for_a_driver + target.limits.concurrency);
    return count;
}

http::HttpLimits fitted_limits(const config::Settings &settings, std::size_t descriptors, const Log &log) {
    http::HttpLimits limits = settings.limits;
    limits.connections = fitting_connections(settings, descriptors);
    if (limits.connections == settings.limits.connections) return limits;
    log->warn("limits.connections is {}, and the system lets the daemon have {} descriptors, of which it takes {} for itself: {} "
              "connections may be open; raise the hard limit (LimitNOFILE= in a unit, ulimit -Hn)",
              settings.limits.connections, descriptors, descriptors_besides_connections(settings), limits.connections);
    return limits;
}

http::HttpLimits fitted_limits(const config::Settings &settings, const Log &log) {
    const std::optional<std::size_t> descriptors = descriptor_limit();
    return descriptors ? fitted_limits(settings, *descriptors, log) : settings.limits;
}

std::size_t fitting_connections(const config::Settings &settings) {
    const std::optional<std::size_t> descriptors = descriptor_limit();
    return descriptors ? fitting_connections(settings, *descriptors) : settings.limits.connections;
}

} // namespace rsf::targets
