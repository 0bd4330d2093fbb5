// SPDX-License-Identifier: Apache-2.0
//
// What the daemon tells of itself to those who watch it: its metrics and its probes.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"
#include "support/samples.hpp"

#include <chrono>
#include <string>

using namespace rsf::test;

namespace {

const std::string saboteur = "  prod: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so}\n";

constexpr std::string_view default_prod = "default_target: prod\n";

std::string scrape(const DaemonProcess &daemon) { return daemon.connect().send("GET", "/metrics").body; }

int get(const DaemonProcess &daemon, const std::string &path) { return daemon.connect().send("GET", path).status; }

} // namespace

TEST_CASE("a driver's process that was started again is counted, and what it started is told") {
    const DaemonProcess daemon(saboteur);
    std::string text = scrape(daemon);
    CHECK(sample(text, R"(resourcifier_driver_restarts_total{target="prod"})") == 0);
    CHECK(sample(text, R"(resourcifier_driver_child_processes{target="prod"})") == 0);
    CHECK(get(daemon, "/configurations/child/x") == 200);
    CHECK(sample(scrape(daemon), R"(resourcifier_driver_child_processes{target="prod"})") == 1);

    CHECK(get(daemon, "/configurations/abort/x") == 502);
    CHECK(get(daemon, "/configurations/fine/x") == 200); // the next process has begun
    text = scrape(daemon);
    CHECK(sample(text, R"(resourcifier_driver_restarts_total{target="prod"})") == 1);
    CHECK(sample(text, R"(resourcifier_driver_child_processes{target="prod"})") == 0);
    CHECK(sample(text, R"(resourcifier_operations_total{result="failed",target="prod",verb="get"})") == 1);
    CHECK(sample(text, R"(resourcifier_operations_total{result="done",target="prod",verb="get"})") == 2);
}

TEST_CASE("counts go on over reloads, which are counted, and those of targets that are gone go with them") {
    DaemonProcess daemon(saboteur + "  old: {driver: dryrun}\n", default_prod);
    CHECK(get(daemon, "/targets/prod/configurations/fine/x") == 200);
    while (get(daemon, "/readyz") != 200) {
    } // what it said then counts when it is slow to say it again
    CHECK(sample(scrape(daemon), R"(resourcifier_target_ready{target="old"})") == 1);
    daemon.reload("  prod: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so, concurrency: 3}\n");
    CHECK(get(daemon, "/targets/prod/configurations/fine/x") == 200);
    daemon.reload("  prod: {driver: nowhere}\n");
    // The old driver's process ends in its own time.
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::string text = scrape(daemon);
    while (text.find("target=\"old\"") != std::string::npos && std::chrono::steady_clock::now() < until) text = scrape(daemon);
    CHECK(text.find("target=\"old\"") == std::string::npos);
    CHECK(sample(text, R"(resourcifier_operations_total{result="done",target="prod",verb="get"})") == 2);
    CHECK(sample(text, R"(resourcifier_reloads_total{result="done"})") == 1);
    CHECK(sample(text, R"(resourcifier_reloads_total{result="failed"})") == 1);
    CHECK(sample(text, "resourcifier_last_reload_successful") == 0);
}

TEST_CASE("counts of a target go on over a reload that hands its folder over to a new driver") {
    const rsf::test::TempFolder folder;
    const auto target = [&](const char *durable) {
        return "  prod: {driver: dryrun, settings: {state: " + (folder.path() / "state").string() + ", durable: " + durable +
               "}}\n";
    };
    DaemonProcess daemon(target("true"), default_prod);
    CHECK(get(daemon, "/configurations/cm") == 200);
    CHECK_THAT(daemon.reload(target("false"), default_prod), EndsWith("reloaded: targets: 1 changed (prod)"));
    CHECK(sample(scrape(daemon), R"(resourcifier_operations_total{result="done",target="prod",verb="list"})") == 1);
}

TEST_CASE("readyz says which target's driver can't be started, and livez is ok") {
    const DaemonProcess daemon(saboteur + "  other: {driver: dryrun}\n", default_prod);
    CHECK(get(daemon, "/readyz") == 200);
    // Ends again and again, until calls are refused; that lasts a second at least.
    HttpClient client = daemon.connect();
    HttpAnswer answer;
    do { // again, if that second was over meanwhile
        while (get(daemon, "/targets/prod/configurations/abort/x") != 503) {
        }
        answer = client.send("GET", "/readyz");
    } while (answer.status != 503);
    CHECK(answer.body ==
          "[-]target prod failed: driver 'saboteur' of target 'prod' was ended by signal 6 (Aborted); it is being started again\n"
          "readyz check failed\n");
    CHECK(client.send("GET", "/livez").body == "ok");
    CHECK(client.send("GET", "/readyz?exclude=prod").body == "ok");
    CHECK(sample(scrape(daemon), R"(resourcifier_target_ready{target="other"})") == 1);
}

TEST_CASE("promtool finds nothing to complain about in the metrics") {
    const DaemonProcess daemon("  prod: {driver: dryrun}\n");
    CHECK(get(daemon, "/configurations/cm") == 200);
    CHECK(get(daemon, "/nope") == 404);
    const std::filesystem::path file = daemon.folder() / "metrics";
    write_file(file, scrape(daemon));
    const Ended found = run_program(
        {"/bin/sh", "-c",
         "promtool=$('" TEST_SOURCE_DIR "/support/promtool.sh') && exec \"$promtool\" check metrics <'" + file.string() + "'"});
    CHECK(found.exit_code == 0);
    CHECK(found.out == "");
    CHECK(found.err == "");
}
