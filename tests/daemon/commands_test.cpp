// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

using namespace rsf::test;

namespace {

constexpr const char *program = TEST_BINARY_DIR "/bin/resourcifierd";

// Runs resourcifierd with a settings file of this text.
Ended run_with(std::string_view settings, std::vector<std::string> arguments) {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "settings.yaml";
    write_file(file, "driver_path: [" TEST_BINARY_DIR "/drivers]\n" + std::string(settings));
    arguments.insert(arguments.begin(), program);
    arguments.insert(arguments.end(), {"--settings", file.string()});
    return run_program(arguments);
}

constexpr std::string_view good = "targets: {scratch: {driver: dryrun}}\n";

} // namespace

TEST_CASE("check walks settings, drivers and targets, and says that all is good") {
    const Ended ended = run_with(good, {"check"});
    INFO(ended.err);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, ContainsSubstring("target scratch: driver dryrun"));
    CHECK_THAT(ended.out, ContainsSubstring("all good"));
}

TEST_CASE("check says what is wrong and where, and fails") {
    struct Row {
        const char *name;
        const char *settings;
        const char *says;
    };
    const Row row = GENERATE(values<Row>({
        {"unknown key", "targets: {scratch: {driver: dryrun}}\nlisen: []\n", "settings.yaml:3:1: "},
        {"unknown driver", "targets:\n  scratch:\n    driver: dryrnu\n", "settings.yaml:4:5: "},
        {"the nearest driver is named", "targets:\n  scratch:\n    driver: dryrnu\n", "'dryrun'"},
        {"driver's unknown setting", "targets:\n  a:\n    driver: dryrun\n    settings:\n      sate: /x\n",
         "settings.yaml:6:7: "},
        {"driver's wrong type", "targets:\n  a:\n    driver: kubectl\n    settings:\n      token: [1]\n", "settings.yaml:6:7: "},
        {"a file that a driver needs is missing",
         "targets:\n  a:\n    driver: kubectl\n    settings: {config: /nowhere/kubeconfig}\n", "/nowhere/kubeconfig"},
        {"a relative driver file", "targets: {a: {driver: ./x.so}}\n", "./x.so"},
    }));
    INFO(row.name);
    const Ended ended = run_with(row.settings, {"check"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring(row.says));
}

TEST_CASE("serving with bad settings fails with the same sentence") {
    const Ended ended = run_with("targets: {}\n", {});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("settings.yaml:2:1: there is no target"));
}

TEST_CASE("an address that is taken ends the daemon with a sentence") {
    const DaemonProcess daemon("  scratch: {driver: dryrun}\n");
    const Ended ended =
        run_with("listen: [\"unix:" + (daemon.folder() / "socket").string() + "\"]\n" + std::string(good), {"serve"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring((daemon.folder() / "socket").string()));
}

TEST_CASE("drivers list has a line for each driver") {
    const Ended ended = run_with(good, {"drivers", "list"});
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, ContainsSubstring("\nkubectl ") && ContainsSubstring("\ndryrun "));
}

TEST_CASE("drivers describe tells what a driver takes, secrets marked") {
    const Ended ended = run_with(good, {"drivers", "describe", "kubectl"});
    CHECK(ended.exit_code == 0);
    for (const char *setting :
         {"kubectl", "service", "server", "insecure_skip_tls_verify", "config", "certificate_authority", "client_certificate",
          "client_key", "token", "username", "password", "context", "namespace", "request_timeout"}) {
        INFO(setting);
        CHECK_THAT(ended.out, ContainsSubstring("\n  " + std::string(setting) + " ("));
    }
    CHECK_THAT(ended.out, ContainsSubstring("token (string, secret"));
    const Ended as_json = run_with(good, {"drivers", "describe", "dryrun", "--json"});
    CHECK(boost::json::parse(as_json.out).at("name") == "dryrun");
}

TEST_CASE("drivers describe of an unknown driver names the nearest") {
    const Ended ended = run_with(good, {"drivers", "describe", "kubctl"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("'kubectl'"));
}
