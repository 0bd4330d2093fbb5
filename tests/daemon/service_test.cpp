// SPDX-License-Identifier: Apache-2.0
//
// The daemon as its users meet it: a process with a settings file, spoken to over HTTP, ended by signals.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <future>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view scratch = "  scratch: {driver: dryrun}\n";

std::string config_maps(std::string_view prefix, int count) {
    std::string body = "resources:\n";
    for (int i = 0; i < count; ++i) {
        const std::string name = std::string(prefix) + "-" + std::to_string(i);
        body += "- name: " + name +
                "\n  type: ConfigMap\n  properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}, data: {";
        if (i > 0) body += "before: $(ref." + std::string(prefix) + "-" + std::to_string(i - 1) + ".metadata.uid)";
        body += "}}\n";
    }
    return body;
}

std::string status_of(const json::value &answer, std::size_t resource) {
    return std::string(answer.at("resources").at(resource).at("state").at("status").as_string());
}

// A daemon with one gate target, and the test's hand on the gate.
struct GateDaemon {
    explicit GateDaemon(std::string_view more_settings = {})
        : gate(folder.path() / "gate"), made(mkfifo(gate.c_str(), 0600)),
          daemon("  gated: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, settings: {gate: " + gate.string() + "}}\n",
                 more_settings) {}

    void open() const { std::ofstream(gate) << "g" << std::flush; }

    TempFolder folder;
    std::filesystem::path gate;
    int made;
    DaemonProcess daemon;
};

} // namespace

TEST_CASE("a configuration with references becomes objects, which can be read, replaced and deleted") {
    const DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();

    const HttpAnswer created = client.send("POST", "/configurations", config_maps("a", 3), wants_json);
    INFO(created.body);
    REQUIRE(created.status == 201);
    for (std::size_t i = 0; i < 3; ++i) CHECK(status_of(json::parse(created.body), i) == "Created");

    const json::value first = json::parse(client.send("GET", "/configurations/ConfigMap/a-0", {}, wants_json).body);
    const json::value second = json::parse(client.send("GET", "/targets/scratch/configurations/cm/a-1", {}, wants_json).body);
    CHECK(second.at("data").at("before") == first.at("metadata").at("uid"));

    CHECK(client.send("PUT", "/configurations", config_maps("a", 3)).status == 200);
    CHECK(client.send("DELETE", "/configurations", config_maps("a", 3)).status == 204);
    CHECK(client.send("GET", "/configurations/cm/a-0").status == 404);
    CHECK(client.send("DELETE", "/configurations", config_maps("a", 3)).status == 204);
}

TEST_CASE("200 configurations of 5 resources at once are all made, and nothing is lost") {
    DaemonProcess daemon(scratch);
    std::atomic<int> created = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 200; ++i)
        clients.emplace_back([&, i] {
            HttpClient client = daemon.connect();
            if (client.send("POST", "/configurations", config_maps("c" + std::to_string(i), 5)).status == 201) ++created;
        });
    for (std::thread &client : clients) client.join();
    CHECK(created == 200);
    HttpClient client = daemon.connect();
    const HttpAnswer all = client.send("GET", "/configurations/ConfigMap", {}, wants_json);
    REQUIRE(all.status == 200);
    CHECK(json::parse(all.body).at("items").as_array().size() == 1000);
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("with a shutdown delay, readyz fails at once after SIGTERM and all else goes on; a second SIGTERM ends it") {
    DaemonProcess daemon(scratch, "shutdown_delay: 1h\n");
    HttpClient open = daemon.connect();
    CHECK(open.send("GET", "/readyz").status == 200);
    daemon.signal(SIGTERM);
    daemon.wait_for_log("SIGTERM received: shutting down");
    HttpAnswer ready;
    do ready = daemon.connect().send("GET", "/readyz"); // a new connection
    while (ready.status == 200);
    CHECK(ready.status == 503);
    CHECK_THAT(ready.body, ContainsSubstring("[-]shutdown failed: the daemon is going down"));
    CHECK(daemon.connect().send("GET", "/targets/scratch/readyz").status == 503);
    CHECK(daemon.connect().send("GET", "/livez").body == "ok");
    CHECK(daemon.connect().send("GET", "/healthz").body == "OK");
    CHECK(open.send("POST", "/configurations", config_maps("c", 1)).status == 201);
    daemon.signal(SIGHUP); // reads nothing any more, and ends nothing
    CHECK(daemon.connect().send("GET", "/configurations/cm/c-0").status == 200);
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("a shutdown delay ends by itself") {
    DaemonProcess daemon(scratch, "shutdown_delay: 1ms\n");
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("SIGTERM during an operation lets it finish, and the daemon exits with 0") {
    GateDaemon gated;
    auto answer = std::async(std::launch::async,
                             [&] { return gated.daemon.connect().send("POST", "/configurations", config_maps("a", 1)); });
    gated.daemon.wait_for_log("at the gate");
    gated.daemon.signal(SIGTERM);
    gated.daemon.wait_for_log("shutting down");
    gated.open();
    CHECK(answer.get().status == 201);
    CHECK(gated.daemon.wait() == 0);
}

TEST_CASE("an operation that outlasts the grace is cancelled, reported whole, and the daemon exits with 0") {
    GateDaemon gated("shutdown_grace: 50ms\n");
    auto answer = std::async(std::launch::async, [&] {
        return gated.daemon.connect().send("POST", "/configurations", config_maps("a", 2), wants_json);
    });
    gated.daemon.wait_for_log("at the gate");
    gated.daemon.signal(SIGTERM);
    const HttpAnswer report = answer.get();
    INFO(report.body);
    CHECK(report.status == 207);
    CHECK(status_of(json::parse(report.body), 0) == "Failed");
    CHECK(status_of(json::parse(report.body), 1) == "Aborted");
    CHECK(gated.daemon.wait() == 0);
}

TEST_CASE("a connection that outlasts the grace is no operation to be cancelled") {
    DaemonProcess daemon("  a: {driver: dryrun}\n", "shutdown_grace: 1ms\n");
    HttpClient idle = daemon.connect(); // has half a second for one more request
    CHECK(idle.send("GET", "/livez").status == 200);
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
    CHECK_THAT(daemon.log(), ContainsSubstring("connections are still open after 1 ms of grace"));
    CHECK_THAT(daemon.log(), !ContainsSubstring("operations still run"));
}

TEST_CASE("a call that heeds nothing does not keep the daemon, and its client is answered") {
    DaemonProcess daemon("  a: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so}\n", "shutdown_grace: 50ms\n");
    auto answer = std::async(std::launch::async,
                             [&] { return daemon.connect().send("GET", "/configurations/announced%20hang/x", {}, wants_json); });
    daemon.wait_for_log("about to hang");
    daemon.signal(SIGTERM);
    CHECK(answer.get().status == 504);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("a driver's process that ends after the grace is not started again, and the log says so") {
    DaemonProcess daemon("  a: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so}\n", "shutdown_grace: 50ms\n");
    const HttpAnswer told = daemon.connect().send("GET", "/configurations/surroundings/x", {}, wants_json);
    const auto process = static_cast<pid_t>(json::parse(told.body).at("pid").as_int64());
    auto answer =
        std::async(std::launch::async, [&] { return daemon.connect().send("GET", "/configurations/announced%20hang/x"); });
    daemon.wait_for_log("about to hang");
    daemon.signal(SIGTERM);
    daemon.wait_for_log("cancelling them");
    ::kill(process, SIGKILL);
    CHECK(answer.get().status >= 500);
    CHECK(daemon.wait() == 0);
    CHECK_THAT(daemon.log(), ContainsSubstring("(Killed); it is not started again, since the daemon goes down"));
    CHECK_THAT(daemon.log(), !ContainsSubstring("it is started again"));
}

TEST_CASE("a driver's process dies with the daemon, whatever it is doing") {
    DaemonProcess daemon("  a: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so}\n");
    const HttpAnswer answer = daemon.connect().send("GET", "/configurations/surroundings/x", {}, wants_json);
    const auto process = static_cast<pid_t>(json::parse(answer.body).at("pid").as_int64());
    auto unanswered =
        std::async(std::launch::async, [&] { return daemon.connect().send("GET", "/configurations/announced%20hang/x"); });
    daemon.wait_for_log("about to hang");
    pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, process, 0)), POLLIN, 0};
    REQUIRE(ended.fd >= 0);
    daemon.signal(SIGKILL);
    CHECK(::poll(&ended, 1, 60'000) == 1);
    ::close(ended.fd);
    CHECK_THROWS(unanswered.get());
}

TEST_CASE("a client that hangs up during a write cancels nothing") {
    GateDaemon gated;
    gated.daemon.connect().send_and_hang_up("POST", "/configurations", config_maps("a", 1));
    gated.daemon.wait_for_log("at the gate");
    gated.open();
    gated.daemon.wait_for_log("1 Created");
    CHECK(gated.daemon.connect().send("GET", "/healthz").status == 200);
}

TEST_CASE("a target whose calls all hang does not hold up the health check") {
    GateDaemon gated;
    std::vector<std::future<HttpAnswer>> stuck;
    for (int i = 0; i < 20; ++i)
        stuck.push_back(std::async(std::launch::async, [&, i] {
            return gated.daemon.connect().send("POST", "/configurations", config_maps("s" + std::to_string(i), 1));
        }));
    gated.daemon.wait_for_log("at the gate");
    CHECK(gated.daemon.connect().send("GET", "/healthz").body == "OK");
    for (int i = 0; i < 20; ++i) gated.open();
    for (auto &answer : stuck) CHECK(answer.get().status == 201);
}

TEST_CASE("objects survive a restart, also after SIGKILL") {
    const TempFolder state;
    const std::string target = "  scratch: {driver: dryrun, settings: {state: " + (state.path() / "scratch").string() + "}}\n";
    json::value before;
    {
        const DaemonProcess daemon(target);
        HttpClient client = daemon.connect();
        REQUIRE(client.send("POST", "/configurations", config_maps("a", 5)).status == 201);
        before = json::parse(client.send("GET", "/configurations/cm", {}, wants_json).body);
    }
    const DaemonProcess daemon(target);
    CHECK(json::parse(daemon.connect().send("GET", "/configurations/cm", {}, wants_json).body).at("items") == before.at("items"));
}

TEST_CASE("with a full disk each resource gets its final state, and the next request works") {
    const TempFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=128k,mode=0700") != 0) {
        WARN("not run: a small file system can't be mounted here: " << std::strerror(errno));
        return;
    }
    {
        DaemonProcess daemon("  scratch: {driver: dryrun, settings: {state: " + (folder.path() / "state").string() + "}}\n");
        HttpClient client = daemon.connect();
        const std::string large = "resources:\n"
                                  "- {name: large, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, "
                                  "metadata: {name: large}, data: {a: \"" +
                                  std::string(200000, 'x') +
                                  "\"}}}\n"
                                  "- {name: after, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, "
                                  "metadata: {name: after}, data: {uid: $(ref.large.metadata.uid)}}}\n"
                                  "- {name: beside, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, "
                                  "metadata: {name: beside}}}\n";
        const HttpAnswer answer = client.send("POST", "/configurations", large, wants_json);
        CHECK(answer.status == 207);
        const json::value states = json::parse(answer.body);
        CHECK(status_of(states, 0) == "Failed");
        CHECK_THAT(json::serialize(states), ContainsSubstring("No space left on device"));
        CHECK(status_of(states, 1) == "Aborted");
        CHECK(status_of(states, 2) == "Created");
        CHECK(client.send("GET", "/configurations/cm/large", {}, wants_json).status == 404);
        CHECK(client.send("POST", "/configurations", config_maps("next", 2), wants_json).status == 201);
        daemon.signal(SIGTERM);
        CHECK(daemon.wait() == 0);
    }
    CHECK(::umount(folder.path().c_str()) == 0);
}
