// SPDX-License-Identifier: Apache-2.0
//
// SIGHUP: the settings are read again, and the targets that they change are made anew while the daemon serves.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace rsf::test;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

const std::string saboteur = TEST_BINARY_DIR "/tests/drivers/saboteur.so";

std::string config_map(const std::string &name) {
    return "resources: [{name: " + name +
           ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}}}]";
}

// The process that a target's driver lives in, as it says itself.
std::int64_t process_of(const DaemonProcess &daemon, const std::string &target) {
    const HttpAnswer answer =
        daemon.connect().send("GET", "/targets/" + target + "/configurations/surroundings/x", {}, wants_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body).at("pid").as_int64();
}

int status_of(const DaemonProcess &daemon, const std::string &path) { return daemon.connect().send("GET", path).status; }

// As a package's upgrade does it: another file takes the place of the first.
void put_in_place(const fs::path &from, const fs::path &to) {
    const fs::path beside = to.string() + ".new";
    fs::copy_file(from, beside, fs::copy_options::overwrite_existing);
    fs::rename(beside, to);
}

// How many descriptors a process may have: the soft and the hard limit.
std::pair<rlim_t, rlim_t> descriptors_of(std::int64_t pid) {
    rlimit limit{};
    REQUIRE(prlimit(static_cast<pid_t>(pid), RLIMIT_NOFILE, nullptr, &limit) == 0);
    return {limit.rlim_cur, limit.rlim_max};
}

} // namespace

TEST_CASE("targets are added, changed and removed, and the others keep their processes") {
    const std::string kept = "  kept: {driver: " + saboteur + "}\n";
    const std::string changed = "  changed: {driver: " + saboteur + "}\n";
    DaemonProcess daemon(kept + changed + "  removed: {driver: dryrun}\n", "default_target: kept\n");
    const std::int64_t kept_before = process_of(daemon, "kept"), changed_before = process_of(daemon, "changed");
    CHECK_THAT(daemon.reload(kept + "  changed: {driver: " + saboteur + ", concurrency: 2}\n  added: {driver: dryrun}\n",
                             "default_target: added\n"),
               EndsWith("reloaded: targets: 1 added (added), 1 changed (changed), 1 removed (removed)"));
    CHECK(process_of(daemon, "kept") == kept_before);
    CHECK(process_of(daemon, "changed") != changed_before);
    CHECK(status_of(daemon, "/targets/removed") == 404);
    CHECK(status_of(daemon, "/configurations/cm") == 200); // of the new default target, which has lists
    CHECK_THAT(daemon.reload(kept, "default_target: kept\n"), EndsWith("reloaded: targets: 2 removed (added, changed)"));
    CHECK_THAT(daemon.reload(kept, "default_target: kept\n"), EndsWith("reloaded: every target is as it was"));
}

TEST_CASE("what is under way is finished by the driver that began it, which then goes") {
    const TempFolder folder;
    const fs::path gate = folder.path() / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    const auto target = [&](const std::string &more) {
        return "  gated: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so" + more + ", settings: {gate: " + gate.string() +
               "}}\n";
    };
    DaemonProcess daemon(target(""));
    auto answer =
        std::async(std::launch::async, [&] { return daemon.connect().send("POST", "/configurations", config_map("a")); });
    daemon.wait_for_log("at the gate");
    CHECK_THAT(daemon.reload(target(", concurrency: 2")), EndsWith("reloaded: targets: 1 changed (gated)"));
    std::ofstream(gate) << "g" << std::flush;
    CHECK(answer.get().status == 201);
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("a shutdown waits for what a replaced driver still does") {
    const TempFolder folder;
    const fs::path gate = folder.path() / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    const std::string driver =
        "  gated: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, settings: {gate: " + gate.string() + "}}\n";
    DaemonProcess daemon(driver);
    auto answer =
        std::async(std::launch::async, [&] { return daemon.connect().send("POST", "/configurations", config_map("a")); });
    daemon.wait_for_log("at the gate");
    daemon.reload("  other: {driver: dryrun}\n");
    daemon.signal(SIGTERM);
    daemon.wait_for_log("shutting down");
    std::ofstream(gate) << "g" << std::flush;
    CHECK(answer.get().status == 201);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("a driver's file that was replaced is taken by a reload, and one that does not load leaves the old one serving") {
    const TempFolder folder;
    const fs::path file = folder.path() / "driver.so";
    put_in_place(saboteur, file);
    const std::string target = "  a: {driver: " + file.string() + "}\n";
    DaemonProcess daemon(target);
    const std::int64_t first = process_of(daemon, "a");
    put_in_place(saboteur, file);
    CHECK(process_of(daemon, "a") == first);
    CHECK_THAT(daemon.reload(target), EndsWith("reloaded: targets: 1 changed (a)"));
    const std::int64_t second = process_of(daemon, "a");
    CHECK(second != first);

    put_in_place(TEST_BINARY_DIR "/tests/drivers/leaver.so", file);
    const std::string refused = daemon.reload(target);
    CHECK_THAT(refused, ContainsSubstring("the settings are not reloaded, and nothing is changed: "));
    CHECK_THAT(refused, ContainsSubstring("its process ended its own process with exit code 7 while the driver was loaded"));
    CHECK(process_of(daemon, "a") == second);
    // The file that serves is the one that was loaded, also after a crash.
    daemon.connect().send("GET", "/targets/a/configurations/abort/x");
    CHECK(process_of(daemon, "a") != second);
}

TEST_CASE("a driver that can't be made anew for a reason of its own leaves the old one serving") {
    const std::string target = "  a: {driver: " + saboteur;
    DaemonProcess daemon(target + "}\n");
    const std::int64_t before = process_of(daemon, "a");
    CHECK_THAT(daemon.reload(target + ", settings: {create: unavailable}}\n"), EndsWith("the cluster is down"));
    CHECK(process_of(daemon, "a") == before);
    // Nor is the old one ended for one that says so, while another mistake makes the reload impossible.
    CHECK_THAT(daemon.reload(target + ", settings: {create: conflict}}\n  b: {driver: dryrn}\n"),
               ContainsSubstring("nothing is changed: "));
    CHECK(process_of(daemon, "a") == before);
    // Not even when it says that the old one is in the way, which it is not.
    CHECK_THAT(daemon.reload(target + ", settings: {create: conflict}}\n"), EndsWith("somebody else has it"));
    CHECK(process_of(daemon, "a") != before);
}

TEST_CASE("settings with a mistake change nothing, and the log says where it is") {
    DaemonProcess daemon("  a: {driver: dryrun}\n");
    CHECK_THAT(daemon.reload("  b: {driver: dryrn}\n"), ContainsSubstring("nothing is changed: "));
    CHECK_THAT(daemon.reload("  b: {driver: dryrun, colour: red}\n"), ContainsSubstring("settings.yaml:4:23: "));
    const std::string both = daemon.reload("  b: {driver: dryrn}\n", "threads: 0\n");
    CHECK_THAT(both, ContainsSubstring("these settings have 2 mistakes"));
    CHECK(status_of(daemon, "/targets/a") == 200);
    CHECK(status_of(daemon, "/targets/b") == 404);
}

TEST_CASE("what can't change while the daemon runs is named, and the log level changes") {
    DaemonProcess daemon("  a: {driver: dryrun}\n");
    CHECK_THAT(daemon.reload("  a: {driver: dryrun}\n", "threads: 3\nlog_level: debug\n"),
               EndsWith("reloaded: every target is as it was; restart the daemon for what can't change while it runs: threads"));
}

TEST_CASE("limits change while the daemon runs, also for a connection that is open") {
    DaemonProcess daemon("  a: {driver: dryrun}\n");
    HttpClient client = daemon.connect();
    CHECK(client.send("POST", "/configurations", config_map("a")).status == 201);
    CHECK_THAT(daemon.reload("  a: {driver: dryrun}\n", "limits: {body: 64B}\n"),
               EndsWith("reloaded: every target is as it was; the limits changed"));
    CHECK(client.send("POST", "/configurations", config_map("b")).status == 413);
    // A bad file changes none of them.
    daemon.reload("  a: {driver: dryrun}\n", "limits: {body: 8MiB, bodies: 1MiB}\n");
    CHECK(daemon.connect().send("POST", "/configurations", config_map("b")).status == 413);
    daemon.reload("  a: {driver: dryrun}\n");
    CHECK(daemon.connect().send("POST", "/configurations", config_map("b")).status == 201);
}

TEST_CASE("the daemon takes all descriptors that it may have, its drivers' processes as many as they had otherwise") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(before.rlim_max > 777);
    rlimit soft = before;
    soft.rlim_cur = 777;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &soft) == 0);
    DaemonProcess daemon("  a: {driver: " + saboteur + "}\n");
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(descriptors_of(daemon.pid()) == std::pair(before.rlim_max, before.rlim_max));
    CHECK(descriptors_of(process_of(daemon, "a")) == std::pair(rlim_t{777}, before.rlim_max));

    // What a reload asks for is measured again.
    const rlimit few{300, 300};
    REQUIRE(prlimit(daemon.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
    daemon.reload("  a: {driver: " + saboteur + "}\n", "limits: {connections: 301}\n");
    CHECK_THAT(daemon.log(), ContainsSubstring("limits.connections is 301, and the system lets the daemon have 300 descriptors"));
}

TEST_CASE("a reload after which targets take more descriptors lets fewer connections be open, and says so") {
    const auto target = [](int calls) { return "  a: {driver: dryrun, concurrency: " + std::to_string(calls) + "}\n"; };
    constexpr std::string_view connections = "limits: {connections: 200}\n";
    DaemonProcess daemon(target(2), connections);
    const rlimit few{400, 400};
    REQUIRE(prlimit(daemon.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
    CHECK_THAT(daemon.reload(target(3), connections), EndsWith("reloaded: targets: 1 changed (a)"));
    CHECK_THAT(daemon.reload(target(150), connections), EndsWith("reloaded: targets: 1 changed (a); the limits changed"));
    CHECK_THAT(daemon.log(), ContainsSubstring("limits.connections is 200, and the system lets the daemon have 400 descriptors"));
    CHECK_THAT(daemon.reload(target(2), connections), EndsWith("reloaded: targets: 1 changed (a); the limits changed"));
}

TEST_CASE("a folder that only one driver may use is handed over, requests wait meanwhile, and none fails") {
    const TempFolder folder;
    const std::string state = (folder.path() / "state").string();
    const auto targets = [&](const std::string &more) {
        return "  scratch: {driver: dryrun, settings: {state: " + state + more +
               "}}\n  review: {driver: dryrun, settings: {over: scratch}}\n";
    };
    constexpr std::string_view scratch_is_default = "default_target: scratch\n";
    DaemonProcess daemon(targets(""), scratch_is_default);
    REQUIRE(daemon.connect().send("POST", "/configurations", config_map("a")).status == 201);
    std::atomic<bool> enough = false;
    std::atomic<int> asked = 0, failed = 0;
    std::thread client([&] {
        HttpClient connection = daemon.connect();
        while (!enough) {
            failed += connection.send("GET", "/configurations/ConfigMap/a").status != 200;
            failed += connection.send("POST", "/targets/review/configurations", config_map("b")).status != 200;
            ++asked;
        }
    });
    for (const char *durable : {", durable: false", ", durable: true", ", durable: false"})
        CHECK_THAT(daemon.reload(targets(durable), scratch_is_default),
                   EndsWith("reloaded: targets: 2 changed (review, scratch)"));
    enough = true;
    client.join();
    CHECK(asked > 0);
    CHECK(failed == 0);
}

TEST_CASE("a hand-over that fails gives everything back") {
    const TempFolder folder;
    const auto target = [&](const std::string &name, const std::string &state) {
        return "  " + name + ": {driver: dryrun, settings: {state: " + (folder.path() / state).string() + "}}\n";
    };
    DaemonProcess daemon(target("a", "one") + target("b", "two"), "default_target: a\n");
    REQUIRE(daemon.connect().send("POST", "/configurations", config_map("x")).status == 201);
    CHECK_THAT(daemon.reload(target("a", "two") + target("b", "two"), "default_target: a\n"),
               ContainsSubstring("is in use by another target or another daemon"));
    CHECK(status_of(daemon, "/configurations/ConfigMap/x") == 200);
    CHECK_THAT(daemon.reload(target("a", "one") + target("b", "two"), "default_target: a\n"),
               EndsWith("reloaded: every target is as it was"));
}

TEST_CASE("a hand-over that fails and can't give back what it took says which targets are gone, until a reload makes them") {
    const TempFolder folder;
    const auto target = [&](const std::string &name, const std::string &state) {
        return "  " + name + ": {driver: dryrun, settings: {state: " + (folder.path() / state).string() + "}}\n";
    };
    DaemonProcess daemon(target("a", "one") + target("b", "two"), "default_target: b\n");
    // What is in the way of making a again does not disturb who has the folder open.
    fs::rename(folder.path() / "one", folder.path() / "elsewhere");
    std::ofstream(folder.path() / "one") << "no folder";
    const std::string refused = daemon.reload(target("a", "two") + target("b", "two"), "default_target: b\n");
    CHECK_THAT(refused, ContainsSubstring("the settings are not reloaded: "));
    CHECK_THAT(refused, ContainsSubstring(". For this, targets were ended") && !ContainsSubstring(".. "));
    CHECK_THAT(refused, EndsWith("they are gone until a reload makes them: a"));
    CHECK_THAT(daemon.log(), ContainsSubstring("targets that were ended for a reload can't be made again: "));
    const HttpAnswer lost = daemon.connect().send("GET", "/targets/a/configurations/ConfigMap/x");
    CHECK(lost.status == 503);
    CHECK_THAT(lost.body, ContainsSubstring("had to end for a reload"));
    CHECK(status_of(daemon, "/targets/b") == 200);
    for (const char *path : {"/readyz", "/targets/a/readyz"}) {
        const HttpAnswer ready = daemon.connect().send("GET", path);
        CHECK(ready.status == 503);
        CHECK_THAT(ready.body, ContainsSubstring("[-]target a failed: it had to end for a reload and can't be made again"));
    }
    CHECK(status_of(daemon, "/readyz?exclude=a") == 200);
    // Another one that fails changes nothing.
    CHECK_THAT(daemon.reload("  b: {driver: dryrn}\n", "default_target: b\n"), ContainsSubstring("and nothing is changed: "));

    fs::remove(folder.path() / "one");
    CHECK_THAT(daemon.reload(target("a", "one") + target("b", "two"), "default_target: b\n"),
               EndsWith("reloaded: targets: 1 added (a)"));
}
