// SPDX-License-Identifier: Apache-2.0
//
// The daemon under a service manager: what it tells it, and that it is fed only while the loops turn.
#include "service/notified.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <vector>

using namespace rsf::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string plain_target = "  a: {driver: dryrun}\n";
constexpr auto watchdog_time = 2s;

std::string watched() { return "WATCHDOG_USEC=" + std::to_string(std::chrono::microseconds(watchdog_time).count()); }

// The daemon's threads that serve connections.
std::vector<pid_t> http_threads(int pid) {
    std::vector<pid_t> found;
    for (const auto &task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name == "http") found.push_back(std::stoi(task.path().filename()));
    }
    return found;
}

std::vector<pid_t> children(int pid) {
    std::vector<pid_t> found;
    for (const auto &entry : fs::directory_iterator("/proc")) {
        std::string text;
        std::getline(std::ifstream(entry.path() / "stat"), text);
        const std::size_t name_end = text.rfind(')'); // "17 (its name) S 1 ..."
        if (name_end != text.npos && std::stoi(text.substr(name_end + 4)) == pid) found.push_back(std::stoi(text));
    }
    return found;
}

// Stops one thread and no other, as a deadlock would, for as long as it lives.
class StoppedThread {
  public:
    explicit StoppedThread(pid_t thread) : thread_(thread) {
        seized_ = ::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0;
        if (!seized_) return;
        ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
        ::waitpid(thread, nullptr, __WALL);
    }
    ~StoppedThread() {
        if (seized_) ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
    }
    StoppedThread(const StoppedThread &) = delete;
    StoppedThread &operator=(const StoppedThread &) = delete;
    explicit operator bool() const { return seized_; }
    // Whether it was stopped while it waited for events, and so holds no lock that others need.
    bool waits_for_events() const {
        long call = -1;
        std::ifstream("/proc/" + std::to_string(thread_) + "/syscall") >> call;
        return call == SYS_epoll_wait || call == SYS_epoll_pwait;
    }

  private:
    pid_t thread_;
    bool seized_;
};

} // namespace

TEST_CASE("the service manager is told when the daemon serves, reloads and stops, and what it is doing") {
    const NotifySocket manager;
    DaemonProcess daemon(plain_target, {}, {{}, {manager.variable()}});
    const std::string socket = "unix:" + (daemon.folder() / "socket").string();
    CHECK(manager.receive(60s).value_or("") == "STATUS=loading drivers");
    CHECK(manager.receive(60s).value_or("") == "READY=1\nSTATUS=serving 1 target on " + socket);
    CHECK(daemon.connect().send("GET", "/healthz").status == 200);
    daemon.reload(plain_target + "  b: {driver: dryrun}\n", "default_target: a\n");
    const std::string reloading = manager.receive(60s).value_or("");
    CHECK_THAT(reloading, StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(manager.receive(60s).value_or("") == "READY=1\nSTATUS=serving 2 targets on " + socket);
    daemon.signal(SIGTERM);
    CHECK_THAT(manager.receive(60s).value_or(""), StartsWith("STOPPING=1\nSTATUS=finishing what is under way"));
    CHECK(daemon.wait() == 0);
    CHECK_FALSE(manager.receive(0s));
}

TEST_CASE("a daemon that can't serve is never ready") {
    const NotifySocket manager;
    CHECK_THROWS(DaemonProcess("  a: {driver: nosuch}\n", {}, {{}, {manager.variable()}}));
    CHECK(manager.receive(60s).value_or("") == "STATUS=loading drivers");
    CHECK_FALSE(manager.receive(0s));
}

TEST_CASE("the watchdog is fed while the daemon is idle, and while a driver is slow") {
    const NotifySocket manager;
    const TempFolder folder;
    const fs::path gate = folder.path() / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    DaemonProcess daemon("  gated: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, settings: {gate: " + gate.string() +
                             "}}\n",
                         {}, {{}, {manager.variable(), watched()}});
    manager.wait_for("WATCHDOG=1");
    auto answer = std::async(std::launch::async, [&] {
        return daemon.connect().send(
            "POST", "/configurations",
            "resources: [{name: a, type: ConfigMap, properties: {kind: ConfigMap, metadata: {name: a}}}]");
    });
    daemon.wait_for_log("at the gate");
    for (int i = 0; i < 6; ++i) manager.wait_for("WATCHDOG=1"); // longer than the watchdog's time
    std::ofstream(gate) << "g" << std::flush;
    CHECK(answer.get().status == 201);
}

TEST_CASE("the watchdog is not fed once one thread that serves connections hangs, and is again when it moves") {
    const NotifySocket manager;
    DaemonProcess daemon(plain_target, {}, {{}, {manager.variable(), watched()}});
    manager.wait_for("WATCHDOG=1");
    const std::vector<pid_t> threads = http_threads(daemon.pid());
    REQUIRE(threads.size() == 2);
    {
        std::optional<StoppedThread> stopped;
        for (std::size_t turn = 0; !stopped || (*stopped && !stopped->waits_for_events()); ++turn)
            stopped.emplace(threads[turn % threads.size()]);
        if (!*stopped) {
            WARN("not tested: this user may not stop another process's thread (CAP_SYS_PTRACE)");
            return;
        }
        manager.wait_for("STATUS=not working: 1 of 2 threads that serve connections hang");
        CHECK_FALSE(manager.receive(watchdog_time)); // which is when the service manager ends it
    }
    manager.wait_for("STATUS=serving again");
    manager.wait_for("WATCHDOG=1");
    daemon.wait_for_log("1 of 2 threads that serve connections hang; the watchdog is not fed until it moves again");
}

TEST_CASE("a driver's process is told nothing of the service manager") {
    const NotifySocket manager;
    DaemonProcess daemon("  a: {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so}\n", {},
                         {{}, {manager.variable(), watched()}});
    const auto answer = daemon.connect().send("GET", "/configurations/surroundings/x", {}, wants_json);
    CHECK(answer.status == 200);
    CHECK_THAT(answer.body, !ContainsSubstring("NOTIFY_SOCKET") && !ContainsSubstring("WATCHDOG_USEC"));
}

TEST_CASE("reload and log-level reach the daemon by its control socket, and tell what became of it") {
    const TempFolder runtime;
    DaemonProcess daemon(plain_target, {}, {{}, {"RUNTIME_DIRECTORY=" + runtime.path().string() + ":/run/other"}});
    const std::string control = (runtime.path() / "control.sock").string();
    const auto command = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {TEST_BINARY_DIR "/bin/resourcifierd", "--control", control});
        return run_program(words);
    };
    const auto settings = [&](const std::string &more) {
        write_file(daemon.folder() / "settings.yaml", "listen: [\"unix:" + (daemon.folder() / "socket").string() +
                                                          "\"]\ndriver_path: [" TEST_BINARY_DIR "/drivers]\ntargets:\n" + more);
    };
    settings(plain_target);
    Ended ended = command({"reload"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "every target is as it was\n");

    settings("  b: {driver: dryrun}\n");
    ended = command({"reload"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "targets: 1 added (b), 1 removed (a)\n");
    CHECK(daemon.connect().send("GET", "/targets/b").status == 200); // by now, not some time later

    settings("  b: {driver: dryrun, concurency: 1}\n");
    ended = command({"reload"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(
        ended.err,
        ContainsSubstring("settings.yaml:4:23: target 'b': 'concurency' is not a known setting (did you mean 'concurrency'?)"));
    CHECK(daemon.connect().send("GET", "/targets/b").status == 200);

    CHECK(command({"log-level", "error"}).exit_code == 0);
    HttpClient client = daemon.connect();
    CHECK(client.send("GET", "/targets", {}, {{"X-Request-Id", "never-to-be-logged"}}).status == 200);
    CHECK(client.send("GET", "/healthz").status == 200); // the one before has had its line, if any
    CHECK(command({"log-level", "info"}).exit_code == 0);
    CHECK(daemon.connect().send("GET", "/targets", {}, {{"X-Request-Id", "now-to-be-logged"}}).status == 200);
    daemon.wait_for_log("now-to-be-logged");
    CHECK_THAT(daemon.log(), !ContainsSubstring("never-to-be-logged"));
    CHECK(command({"log-level", "loud"}).exit_code != 0);
    CHECK(command({"log-level", "off"}).exit_code == 0);
    daemon.wait_for_log("info the daemon logs nothing from here on\n");
    CHECK(command({"log-level", "error"}).exit_code == 0);
    daemon.wait_for_log("info the daemon logs error from here on\n");

    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
    CHECK_FALSE(fs::exists(control));
    ended = command({"reload"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("does the daemon run?"));
}

TEST_CASE("an end is reply during a reload that waits for what is under way") {
    const NotifySocket manager;
    const TempFolder state;
    const auto target = [&](const std::string &more) {
        return "  a: {driver: dryrun, timeout: 1h, settings: {state: " + (state.path() / "cluster").string() + more + "}}\n";
    };
    DaemonProcess daemon(target(""), "shutdown_grace: 1h\n", {{}, {manager.variable()}});
    const std::vector<pid_t> drivers = children(daemon.pid());
    REQUIRE_FALSE(drivers.empty());
    for (const pid_t driver : drivers) ::kill(driver, SIGSTOP);
    auto answer = std::async(std::launch::async, [&] {
        return daemon.connect().send(
            "POST", "/configurations",
            "resources: [{name: a, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}]");
    });
    while (daemon.connect().send("GET", "/metrics").body.find("resourcifier_target_calls_running{target=\"a\"} 1") ==
           std::string::npos)
        std::this_thread::yield();
    write_file(daemon.folder() / "settings.yaml",
               "shutdown_grace: 1h\ndriver_path: [" TEST_BINARY_DIR "/drivers]\ntargets:\n" + target(", namespace: other"));
    daemon.signal(SIGHUP);
    manager.wait_for("RELOADING=1");
    daemon.signal(SIGTERM);
    manager.wait_for("STOPPING=1"); // an hour before the reload would have given up
    for (const pid_t driver : drivers) ::kill(driver, SIGCONT);
    CHECK(answer.get().status == 201);
    CHECK(daemon.wait() == 0);
}

TEST_CASE("two daemons do not share a control socket") {
    const TempFolder runtime;
    const Surroundings both{{"--control", (runtime.path() / "control.sock").string()}, {}};
    DaemonProcess daemon(plain_target, {}, both);
    CHECK_THROWS_WITH(DaemonProcess(plain_target, {}, both), ContainsSubstring("another daemon answers there"));
    daemon.signal(SIGKILL);
    daemon.wait();
    const DaemonProcess next(plain_target, {}, both); // takes over what was left
    CHECK(next.connect().send("GET", "/healthz").status == 200);
}
