// SPDX-License-Identifier: Apache-2.0
//
// What an operator can tell and ask the running daemon: drain, resume, status, settings show.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <future>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view default_a = "default_target: a\n";
constexpr std::string_view two_targets = "  a: {driver: dryrun}\n  b: {driver: dryrun}\n";

// A daemon that commands reach.
struct Operated {
    explicit Operated(std::string_view targets, std::string_view more_settings = default_a,
                      std::vector<std::string> variables = {})
        : daemon(targets, more_settings, {{"--control", control()}, std::move(variables)}) {}

    std::string control() const { return (folder.path() / "c").string(); }

    Ended command(std::vector<std::string> words) const {
        words.insert(words.begin(), {TEST_BINARY_DIR "/bin/resourcifierd", "--control", control()});
        return run_program(words);
    }
    json::value document(std::vector<std::string> words) const {
        words.emplace_back("--json");
        const Ended ended = command(words);
        INFO(ended.out << ended.err);
        REQUIRE(ended.exit_code == 0);
        return json::parse(ended.out);
    }

    HttpAnswer create(const std::string &target, const std::string &name) const {
        return daemon.connect().send("POST", "/targets/" + target + "/configurations",
                                     "resources: [{name: x, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, "
                                     "metadata: {name: " +
                                         name + "}}}]");
    }
    int ready(const std::string &path = "") const { return daemon.connect().send("GET", path + "/readyz").status; }

    TempFolder folder;
    DaemonProcess daemon;
};

} // namespace

TEST_CASE("drain has one target take no new writes, over reloads too, until it is resumed") {
    Operated operated(two_targets);
    CHECK(operated.create("a", "one").status == 201);
    Ended ended = operated.command({"drain", "a"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "the target a takes no new writes; reads, plans and what is under way go on\n");
    operated.daemon.wait_for_log("by an operator's command: the target a takes no new writes");
    const HttpAnswer refused = operated.create("a", "two");
    CHECK(refused.status == 503);
    CHECK(refused.headers.at("retry-after") == "30");
    CHECK_THAT(refused.body, ContainsSubstring("the target is drained") && ContainsSubstring("resourcifierd resume a"));
    CHECK(operated.daemon.connect().send("GET", "/targets/a/configurations/cm/one").status == 200);
    CHECK(operated.ready() == 503);
    CHECK(operated.ready("/targets/b") == 200);
    CHECK(operated.create("b", "one").status == 201);

    operated.daemon.reload("  a: {driver: dryrun, concurrency: 3}\n  b: {driver: dryrun}\n", default_a);
    CHECK(operated.create("a", "two").status == 503); // another instance of that name
    CHECK(operated.command({"drain", "a"}).out == "the target a is drained already\n");
    CHECK(operated.command({"resume", "a"}).out == "the target a takes writes again\n");
    CHECK(operated.create("a", "two").status == 201);
    CHECK(operated.ready() == 200);

    // A target that was removed meanwhile is another one when it comes back.
    operated.command({"drain", "b"});
    operated.daemon.reload("  a: {driver: dryrun, concurrency: 3}\n", default_a);
    operated.daemon.reload(two_targets, default_a);
    CHECK(operated.create("b", "one").status == 201);
}

TEST_CASE("drain without a target is about all, those that a reload adds included") {
    Operated operated(two_targets);
    CHECK(operated.command({"drain", "b"}).exit_code == 0);
    CHECK(operated.command({"drain"}).out == "the daemon takes no new writes; reads, plans and what is under way go on\n");
    CHECK(operated.create("a", "one").status == 503);
    CHECK_THAT(operated.daemon.connect().send("GET", "/readyz").body,
               ContainsSubstring("target a failed: the daemon is drained"));
    operated.daemon.reload(std::string(two_targets) + "  c: {driver: dryrun}\n", default_a);
    CHECK(operated.create("c", "one").status == 503);
    CHECK(operated.document({"status"}).at("drained") == true);
    CHECK_THAT(operated.command({"status"}).out, ContainsSubstring("drained: new writes are refused"));
    Ended ended = operated.command({"resume", "a"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("the daemon as a whole is drained"));
    CHECK(operated.command({"resume"}).out == "every target takes writes again\n");
    CHECK(operated.command({"resume"}).out == "every target takes writes: nothing was drained\n");
    for (const char *target : {"a", "b", "c"}) CHECK(operated.create(target, "one").status == 201);
}

TEST_CASE("a command about a target that is not there is refused, and names those that are") {
    const Operated operated(two_targets);
    for (const char *command : {"drain", "resume"}) {
        INFO(command);
        const Ended ended = operated.command({command, "prod\n"});
        CHECK(ended.exit_code == 1);
        CHECK_THAT(ended.err, ContainsSubstring("there is no target 'prod\\x0A'") && ContainsSubstring("the targets are: a, b"));
        CHECK(operated.command({command, std::string(1000, 'a')}).exit_code == 1);
        CHECK(operated.command({command, "a", "b"}).exit_code > 100);
    }
    CHECK(operated.command({"settings"}).exit_code > 100);
    CHECK(operated.command({"settings", "hide"}).exit_code > 100);
    CHECK(operated.ready() == 200);
}

TEST_CASE("what is under way goes on while a target is drained, and status tells how much that is") {
    const TempFolder folder;
    const std::string gate = (folder.path() / "gate").string();
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    const Operated operated("  a: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, settings: {gate: " + gate + "}}\n");
    auto written = std::async(std::launch::async, [&] { return operated.create("a", "x").status; });
    json::value target;
    do target = operated.document({"status"}).at("targets").at(0);
    while (target.at("running").to_number<int>() == 0);
    CHECK(operated.command({"drain", "a"}).exit_code == 0);
    CHECK(operated.create("a", "y").status == 503);
    target = operated.document({"status"}).at("targets").at(0);
    CHECK(target.at("running") == 1);
    CHECK(target.at("waiting") == 0);
    CHECK(target.at("drained") == true);
    CHECK(target.at("health").at("ok") == false);
    std::ofstream(gate) << "g" << std::flush;
    CHECK(written.get() == 201);
}

TEST_CASE("status tells the version, the addresses, since when, the targets, and what waits for a restart") {
    Operated operated(two_targets);
    json::value status = operated.document({"status"});
    CHECK_FALSE(status.at("version").as_string().empty());
    CHECK(status.at("since").as_string().size() == 20);
    CHECK(status.at("addresses").as_array().size() == 1);
    CHECK(status.at("settings") == json::string((operated.daemon.folder() / "settings.yaml").string()));
    CHECK(status.at("waiting_for_restart") == json::array{});
    CHECK(status.at("default_target") == "a");
    CHECK(status.at("targets").as_array().size() == 2);
    CHECK(status.at("targets").at(1).at("name") == "b");
    CHECK(status.at("targets").at(1).at("driver") == "dryrun");
    CHECK(status.at("targets").at(1).at("health").at("ok") == true);

    operated.daemon.reload(two_targets, "default_target: a\nthreads: 3\n");
    CHECK(operated.document({"status"}).at("waiting_for_restart") == json::array{"threads"});
    const std::string text = operated.command({"status"}).out;
    INFO(text);
    const std::string version(status.at("version").as_string()), address(status.at("addresses").at(0).as_string());
    CHECK_THAT(text, StartsWith("resourcifierd " + version + " serves on " + address + "\nsince 2"));
    CHECK_THAT(text, ContainsSubstring("\nchanged, and waiting for a restart: threads\n"));
    CHECK_THAT(text, ContainsSubstring("\nTARGET  DRIVER  RUNNING  WAITING  LOST  HEALTH\n"
                                       "a       dryrun  0        0        0     ready\n"));
    operated.daemon.reload(two_targets, default_a);
    CHECK(operated.document({"status"}).at("waiting_for_restart") == json::array{});
}

TEST_CASE("settings show has every setting in force, with defaults and without secrets") {
    const TempFolder credentials;
    write_file(credentials.path() / "prod.token", "s3cret-of-prod");
    write_file(credentials.path() / "user", "ab"); // too short to be searched for
    const std::string targets = "  a: {driver: kubectl, settings: {kubectl: /bin/sh, server: localhost:1, token: "
                                "\"${credential:prod.token}\", namespace: \"${credential:user}\"}}\n"
                                "  b: {driver: kubectl, settings: {kubectl: /bin/sh, server: localhost:1, token: q7}}\n";
    Operated operated(targets, default_a, {"CREDENTIALS_DIRECTORY=" + credentials.path().string()});
    const json::value all = operated.document({"settings", "show"});
    CHECK(all.at("shutdown_grace") == "30s");
    CHECK(all.at("limits").at("body") == "8MiB");
    CHECK(all.at("threads") == 2);
    CHECK(all.at("default_target") == "a");
    const json::value &a = all.at("targets").at("a");
    CHECK(a.at("driver") == "kubectl");
    CHECK(a.at("concurrency") == 16);
    CHECK(a.at("settings").at("transport") == "proxy"); // the driver's default
    CHECK(a.at("settings").at("server") == "localhost:1");
    CHECK(a.at("settings").at("token") == "***");
    CHECK(a.at("settings").at("namespace") == "***");
    CHECK(a.at("settings").at("password") == ""); // it is not set
    CHECK(all.at("targets").at("b").at("settings").at("token") == "***");

    operated.daemon.reload(targets, "default_target: b\nthreads: 3\n");
    const std::string text = operated.command({"settings", "show"}).out;
    CHECK_THAT(text, ContainsSubstring("default_target: b\n") && ContainsSubstring("threads: 2\n")); // until a restart
    CHECK_THAT(text, !ContainsSubstring("s3cret-of-prod") && !ContainsSubstring("q7"));
}
