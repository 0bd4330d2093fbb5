// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace rsf::test;
namespace fs = std::filesystem;

namespace {

constexpr const char *program = TEST_BINARY_DIR "/bin/resourcifierd";

// Runs resourcifierd with a settings file of this text.
Ended run_with(std::string_view settings, std::vector<std::string> arguments) {
    const TempFolder folder;
    const std::filesystem::path file = folder.path() / "settings.yaml";
    write_file(file, "driver_path: [" TEST_BINARY_DIR "/drivers]\n" + std::string(settings));
    arguments.insert(arguments.begin(), program);
    // Also where the package, and with it the service's user, is installed.
    if (arguments.size() > 1 && arguments[1] == "check" && ::geteuid() == 0)
        arguments.insert(arguments.end(), {"--user", "root"});
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

TEST_CASE("check finds nothing wrong with settings that a daemon runs on") {
    const TempFolder state;
    const std::string targets = "  held: {driver: dryrun, settings: {state: " + (state.path() / "cluster").string() +
                                "}}\n"
                                "  review: {driver: dryrun, settings: {over: held}}\n";
    const DaemonProcess daemon(targets, "default_target: held\n");
    Ended ended = run_program(
        {program, "check", "--user", ::geteuid() == 0 ? "root" : "", "--settings", (daemon.folder() / "settings.yaml").string()});
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.err, StartsWith("warning: ") && ContainsSubstring("is in use by another target or another daemon"));
    CHECK_THAT(ended.out, EndsWith("good, as far as can be seen while another daemon runs on it\n"));
    // Other mistakes are mistakes.
    ended = run_with("default_target: held\ntargets:\n" + targets + "  bad: {driver: dryrun, settings: {stat: /x}}\n", {"check"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("'stat' is not a known setting"));
}

TEST_CASE("check fails where one target holds what another one of the same settings needs") {
    const TempFolder state;
    const std::string folder = (state.path() / "sh").string();
    const std::string one = "  one: {driver: dryrun, settings: {state: " + folder + "}}\n";
    const std::string two = "  two: {driver: dryrun, settings: {state: " + folder + "/}}\n";
    const std::string over = "  over: {driver: dryrun, settings: {over: two}}\n";
    for (const std::string &targets : {one + two, one + two + over}) {
        const Ended ended = run_with("default_target: one\ntargets:\n" + targets, {"check"});
        INFO(targets << ended.err);
        CHECK(ended.exit_code == 1);
        CHECK_THAT(ended.err, !ContainsSubstring("warning: ") && ContainsSubstring("is in use by another target") &&
                                  ContainsSubstring("another target of these settings does"));
    }
    // Also beside a target that a daemon which runs has.
    const std::string held = "  held: {driver: dryrun, settings: {state: " + (state.path() / "held").string() + "}}\n";
    const DaemonProcess daemon(held);
    CHECK(run_with("default_target: held\ntargets:\n" + held + one + two, {"check"}).exit_code == 1);
    const Ended good_one = run_with("default_target: held\ntargets:\n" + held + one, {"check"});
    CHECK(good_one.exit_code == 0);
    CHECK_THAT(good_one.err, StartsWith("warning: "));
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
        {"a driver that can't apply",
         "targets:\n  a:\n    driver: " TEST_BINARY_DIR
         "/tests/drivers/gate.so\n    strategy: apply\n    settings: {gate: /dev/null}\n",
         "settings.yaml:5:5: target 'a': driver 'gate' does not do apply; it does "},
        {"a relative driver file", "targets: {a: {driver: ./x.so}}\n", "./x.so"},
    }));
    INFO(row.name);
    const Ended ended = run_with(row.settings, {"check"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring(row.says));
}

TEST_CASE("check and start tell mistakes of the file and of drivers' settings in one answer, and make no target") {
    const TempFolder state;
    const std::string made = (state.path() / "made").string();
    const std::string settings = "threads: 0\ntargets:\n  a: {driver: dryrnu}\n  b: {driver: dryrun, settings: {sate: 1}}\n"
                                 "  c: {driver: dryrun, settings: {state: " +
                                 made + "}}\n";
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"check"}, {"serve"}}) {
        const Ended ended = run_with(settings, arguments);
        INFO(ended.err);
        CHECK(ended.exit_code == 1);
        for (const char *place : {"settings.yaml:2:1: ", "settings.yaml:3:1: ", "settings.yaml:4:7: ", "settings.yaml:5:"})
            CHECK_THAT(ended.err, ContainsSubstring(place));
        CHECK_THAT(ended.err, ContainsSubstring("these settings have 4 mistakes") && ContainsSubstring("'dryrun'"));
        CHECK_FALSE(fs::exists(made));
    }
    // A folder of drivers that is wrong does not make drivers seem to be missing.
    const TempFolder folder;
    write_file(folder.path() / "s.yaml", "driver_path: [drivers]\ntargets: {a: {driver: dryrun}}\n");
    const Ended ended = run_program({program, "--settings", (folder.path() / "s.yaml").string()});
    CHECK_THAT(ended.err, ContainsSubstring("driver_path") && !ContainsSubstring("mistakes"));
}

TEST_CASE("the file that is shipped has every setting of both drivers, with its default") {
    std::ifstream in(TEST_SOURCE_DIR "/../etc/resourcifierd.yaml");
    std::string shipped;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("driver_path:")) continue;
        // What is commented out is a part of the mapping that it stands in; sentences have one blank before them.
        const std::size_t hash = line.find('#');
        const bool comment = hash != line.npos && line.find_first_not_of(' ') == hash;
        const bool sentence = comment && line.size() > hash + 2 && line[hash + 1] == ' ' && line[hash + 2] != ' ';
        if (comment && !sentence) line.erase(hash, 1);
        shipped += line + "\n";
    }
    const std::size_t state = shipped.find("state: /var/lib");
    REQUIRE(state != shipped.npos);
    const TempFolder folder;
    shipped.replace(state + 7, std::string_view("/var/lib/resourcifier/scratch").size(), (folder.path() / "scratch").string());
    std::string with_program = shipped; // a program that is there on every machine
    const std::size_t program_at = with_program.find("kubectl: kubectl ");
    REQUIRE(program_at != with_program.npos);
    with_program.replace(program_at, 16, "kubectl: /bin/sh");
    const Ended checked = run_with(with_program, {"check"});
    INFO(checked.err);
    CHECK(checked.exit_code == 0);
    CHECK_THAT(checked.out, ContainsSubstring("target production: driver kubectl"));

    for (const std::string driver : {"dryrun", "kubectl"}) {
        std::istringstream described(run_with(good, {"drivers", "describe", driver}).out);
        int settings = 0;
        for (std::string line; std::getline(described, line);) {
            if (!line.starts_with("  ") || line[2] == ' ') continue;
            const std::string name = line.substr(2, line.find(' ', 2) - 2);
            const std::size_t at = line.find("default ");
            const std::size_t end = std::min(line.find(", one of", at), line.rfind(')'));
            const std::string value = at == line.npos ? "" : line.substr(at + 8, end - at - 8);
            const bool plain = value.size() > 2 && value.front() == '"';
            INFO(driver << ": " << line);
            CHECK_THAT(shipped, ContainsSubstring("      " + name + ": " + (plain ? value.substr(1, value.size() - 2) : value)));
            ++settings;
        }
        CHECK(settings >= 3);
    }
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

TEST_CASE("a daemon whose log is off says why it does not start") {
    const DaemonProcess daemon("  scratch: {driver: dryrun}\n");
    const std::string taken = (daemon.folder() / "socket").string();
    const Ended ended = run_with("log_level: \"off\"\nlisten: [\"unix:" + taken + "\"]\n" + std::string(good), {"serve"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("log_level is off: nothing is logged from here on\n") && ContainsSubstring(taken));
}

TEST_CASE("check by root is the service's user's check: what that user can't read is a mistake, what is made is that user's") {
    if (::geteuid() != 0) {
        WARN("not run: only root becomes another user");
        return;
    }
    const TempFolder folder;
    const fs::path state = folder.path() / "nobodys" / "state", kubeconfig = folder.path() / "kubeconfig";
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
    fs::create_directory(state.parent_path());
    REQUIRE(::chown(state.parent_path().c_str(), 65534, 65534) == 0);
    write_file(kubeconfig, "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
                           "clusters: [{name: c, cluster: {server: 'http://localhost:1'}}]\n");
    fs::permissions(kubeconfig, fs::perms::owner_read);
    const fs::path settings = folder.path() / "settings.yaml";
    // Where that user can reach them, wherever this tree is.
    const std::string own_program = (folder.path() / "resourcifierd").string();
    fs::copy_file(program, own_program);
    fs::create_directory(folder.path() / "drivers");
    for (const char *driver : {"kubectl.so", "dryrun.so"})
        fs::copy_file(fs::path(TEST_BINARY_DIR) / "drivers" / driver, folder.path() / "drivers" / driver);
    const std::string drivers = "driver_path: [" + (folder.path() / "drivers").string() + "]\n";
    const auto check = [&](const std::string &targets, const char *user) {
        write_file(settings, drivers + "default_target: a\ntargets:\n" + targets);
        return run_program({own_program, "check", "--user", user, "--settings", settings.string()});
    };
    const std::string cluster = "  a: {driver: kubectl, settings: {kubectl: /bin/sh, config: " + kubeconfig.string() + "}}\n";
    Ended ended = check(cluster, "root");
    INFO(ended.err);
    CHECK(ended.exit_code == 0);
    ended = check(cluster, "nobody");
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring(kubeconfig.string()) && ContainsSubstring("Permission denied"));

    ended = check("  a: {driver: dryrun, settings: {state: " + state.string() + "}}\n", "nobody");
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, StartsWith("checking as the user nobody\n"));
    struct stat status {};
    REQUIRE(::stat(state.c_str(), &status) == 0);
    CHECK(status.st_uid == 65534);

    ended = check(cluster, "no-such-user");
    CHECK(ended.exit_code == 1);
    CHECK(ended.err == "check can't run as 'no-such-user': there is no such user\n");
}

TEST_CASE("a mistake of a target names the target once") {
    const Ended ended = run_with("targets: {only: {driver: kubectl, settings: {config: /nowhere}}}\n", {"check"});
    const std::string_view name = "target 'only'";
    const std::size_t first = ended.err.find(name);
    REQUIRE(first != ended.err.npos);
    CHECK(ended.err.find(name, first + 1) == ended.err.npos);
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
