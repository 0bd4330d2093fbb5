// SPDX-License-Identifier: Apache-2.0
//
// What the unit files say, and what systemd's own tools say of them.
#include "service/unit_file.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

using namespace rsf::test;
namespace fs = std::filesystem;

namespace {

const std::string units = TEST_SOURCE_DIR "/../etc/systemd/";
const std::string service = units + "resourcifierd.service";

// As installed, but for where the program is.
void put_unit(const fs::path &folder, const std::string &name) {
    write_file(folder / name, std::regex_replace(read_file(units + name), std::regex("/usr/sbin/resourcifierd"),
                                                 TEST_BINARY_DIR "/bin/resourcifierd"));
}

} // namespace

TEST_CASE("systemd finds nothing to say about the units") {
    const TempFolder folder;
    put_unit(folder.path(), "resourcifierd.service");
    put_unit(folder.path(), "resourcifierd.socket");
    const Ended ended =
        run_program({"systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                     (folder.path() / "resourcifierd.service").string(), (folder.path() / "resourcifierd.socket").string()});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err.empty());
    CHECK(ended.out.empty());
}

TEST_CASE("a misspelt directive would be found") {
    const TempFolder folder;
    put_unit(folder.path(), "resourcifierd.service");
    std::ofstream(folder.path() / "resourcifierd.service", std::ios::app) << "[Service]\nProtectHoem=yes\n";
    const Ended ended = run_program(
        {"systemd-analyze", "verify", "--man=no", "--recursive-errors=no", (folder.path() / "resourcifierd.service").string()});
    CHECK_THAT(ended.err, ContainsSubstring("ProtectHoem"));
}

TEST_CASE("systemd takes every drop-in that the operator's page offers") {
    const std::string page = read_file(TEST_SOURCE_DIR "/../docs/operating.md");
    const TempFolder folder;
    put_unit(folder.path(), "resourcifierd.service");
    const fs::path drop_ins = folder.path() / "resourcifierd.service.d";
    fs::create_directory(drop_ins);
    const std::vector<std::string> verify{"systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                                          (folder.path() / "resourcifierd.service").string()};
    // "`ExecPaths=/srv/tools`", "    LoadCredential=...": directives with a value.
    const std::regex directive("(?:`|\n    )([A-Z][A-Za-z]+=[^ `\n][^`\n]*)");
    int count = 0;
    for (std::sregex_iterator found(page.begin(), page.end(), directive), end; found != end; ++found) {
        const std::string line = (*found)[1];
        if (line.starts_with("Service=")) continue; // for socket units
        ++count;
        INFO(line);
        write_file(drop_ins / "a.conf", "[Service]\n" + line + "\n");
        const Ended ended = run_program(verify);
        CHECK(ended.exit_code == 0);
        CHECK(ended.err == "");
    }
    CHECK(count >= 6);
    write_file(drop_ins / "a.conf", "[Service]\nProtectHoem=yes\n"); // they are read at all
    CHECK_THAT(run_program(verify).err, ContainsSubstring("ProtectHoem"));
}

TEST_CASE("the service is exposed at most 1.0 by systemd's own measure") {
    const Ended ended = run_program({"systemd-analyze", "security", "--offline=true", "--threshold=10", service});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const Ended stricter = run_program({"systemd-analyze", "security", "--offline=true", "--threshold=5", service});
    CHECK(stricter.exit_code != 0); // the threshold means something
}

TEST_CASE("what the measure does not look at is in the unit too") {
    const UnitFile unit(service, "Service");
    const std::pair<const char *, const char *> rows[] = {{"Type", "notify"},
                                                          {"NotifyAccess", "main"},
                                                          {"WatchdogSec", "60s"},
                                                          {"Restart", "on-failure"},
                                                          {"KillMode", "mixed"}, // SIGTERM must not reach drivers at work
                                                          {"OOMPolicy", "continue"},
                                                          {"MemoryDenyWriteExecute", "yes"},
                                                          {"LockPersonality", "yes"},
                                                          {"NoExecPaths", "/"},
                                                          {"ExecPaths", "/usr /lib -/lib64 -/opt"},
                                                          {"UMask", "0077"},
                                                          {"ProcSubset", "pid"},
                                                          {"ProtectProc", "invisible"},
                                                          {"LimitCORE", "0"},
                                                          {"LimitNOFILE", "65536"},
                                                          {"MemoryMax", "2G"},
                                                          {"TasksMax", "4096"},
                                                          {"SystemCallErrorNumber", "EPERM"},
                                                          {"SystemCallArchitectures", "native"},
                                                          {"User", "resourcifier"},
                                                          {"StateDirectory", "resourcifier"},
                                                          {"CacheDirectory", "resourcifier"},
                                                          {"RuntimeDirectory", "resourcifier"},
                                                          {"RuntimeDirectoryPreserve", "restart"},
                                                          {"StateDirectoryMode", "0700"},
                                                          {"CapabilityBoundingSet", ""},
                                                          {"NoNewPrivileges", "yes"}};
    for (const auto &[key, value] : rows) {
        INFO(key);
        CHECK(unit.value(key) == value);
    }
}

TEST_CASE("every command of the unit is one of the daemon's, and uses its usual settings") {
    const UnitFile unit(service, "Service");
    const std::string program = "/usr/sbin/resourcifierd";
    CHECK(unit.values("ExecStart") == std::vector<std::string>{program});
    CHECK(unit.values("ExecStartPre") == std::vector<std::string>{program + " check"});
    CHECK(unit.values("ExecReload") == std::vector<std::string>{program + " reload"});
}

TEST_CASE("systemd waits for longer than a daemon with the default grace takes to stop") {
    const YAML::Node settings = YAML::LoadFile(TEST_SOURCE_DIR "/../etc/resourcifierd.yaml");
    const auto seconds = [](const std::string &text) {
        REQUIRE(text.back() == 's');
        return std::stoi(text);
    };
    constexpr int time_to_cancel = 12; // main.cpp's
    CHECK(seconds(UnitFile(service, "Service").value("TimeoutStopSec")) >=
          seconds(settings["shutdown_grace"].as<std::string>()) + time_to_cancel + 10);
}

TEST_CASE("the socket unit is for the service, by a name that settings can use, on the address that the settings have") {
    const UnitFile socket(units + "resourcifierd.socket", "Socket");
    CHECK(socket.value("FileDescriptorName") == "api");
    CHECK(socket.values("ListenStream") ==
          YAML::LoadFile(TEST_SOURCE_DIR "/../etc/resourcifierd.yaml")["listen"].as<std::vector<std::string>>());
    CHECK(socket.values("Accept").empty());
}
