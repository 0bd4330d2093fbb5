// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/log_lines.hpp"
#include "targets/descriptors.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rsf::base;
using namespace rsf::config;
using namespace rsf::http;
using namespace rsf::targets;
using rsf::test::Lines;

namespace {

Settings settings_of(const char *text) { return parse_settings(text, "s.yaml").value(); }

} // namespace

TEST_CASE("as many connections may be open as there are descriptors for, and the log says when that is fewer") {
    const Settings settings = settings_of("limits: {connections: 500}\ntargets: {a: {driver: d, concurrency: 10}}\n");
    const std::size_t besides = descriptors_besides_connections(settings);
    CHECK(besides > 100); // the reserve, a driver and its calls
    CHECK(besides < 250);
    const Lines lines;
    CHECK(fitted_limits(settings, besides + 500, lines.log) == settings.limits);
    CHECK(lines.text().empty());
    CHECK(fitted_limits(settings, besides + 499, lines.log).connections == 499);
    CHECK_THAT(lines.text(), ContainsSubstring("limits.connections is 500, and the system lets the daemon have " +
                                               std::to_string(besides + 499) + " descriptors"));
    CHECK_THAT(lines.text(), ContainsSubstring("499 connections may be open; raise the hard limit"));
    HttpLimits but_for_connections = fitted_limits(settings, 10, lines.log);
    CHECK(but_for_connections.connections > 0);
    but_for_connections.connections = 500;
    CHECK(but_for_connections == settings.limits);
}

TEST_CASE("each call that may be under way takes a descriptor") {
    const std::size_t few = descriptors_besides_connections(settings_of("targets: {a: {driver: d, concurrency: 1}}"));
    CHECK(descriptors_besides_connections(settings_of("targets: {a: {driver: d, concurrency: 101}}")) >= few + 100);
    CHECK(descriptors_besides_connections(
              settings_of("default_target: a\ntargets: {a: {driver: d, concurrency: 1}, b: {driver: d, concurrency: 1}}")) > few);
}

TEST_CASE("the daemon takes as many descriptors as it may have at all") {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit low{100, 200};
        rlimit after{};
        bool good = setrlimit(RLIMIT_NOFILE, &low) == 0;
        const Lines lines;
        raise_descriptor_limit(lines.log);
        good = good && getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur == 200 && after.rlim_max == 200;
        _exit(good && lines.text().empty() ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}
