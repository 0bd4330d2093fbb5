// SPDX-License-Identifier: Apache-2.0
//
// What a driver in a process of its own can do to that process, and what it costs: the calls that are under way, each with a
// sentence.
#include "saboteur.hpp"

#include "process/driver_process.hpp"
#include "process/frame_socket.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <optional>
#include <thread>

namespace rsf::process::test {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view who = "driver 'saboteur' of target 'prod' ";

} // namespace

TEST_CASE("a crash costs its call, with a sentence that names the driver and the signal, and the driver is started again") {
    struct Row {
        const char *what;
        const char *how;
    };
    const Row row = GENERATE(values<Row>({
        {"segv", "was ended by signal 11 (Segmentation fault)"},
        {"stack", "was ended by signal 11 (Segmentation fault)"},
        {"abort", "was ended by signal 6 (Aborted)"},
        {"kill", "was ended by signal 9 (Killed)"},
        {"exit", "ended its own process with exit code 3"},
        {"_exit", "ended its own process with exit code 4"},
        {"leave-behind", "was ended by signal 6 (Aborted)"},
    }));
    CAPTURE(row.what);
    const auto driver = saboteur();
    const drivers::Failure failure = failed(driver->perform(call(drivers::Verb::get, row.what)));
    CHECK(failure.code == Code::internal);
    CHECK(failure.message == std::string(who) + row.how + ", and this get was lost");
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("a driver that has the daemon trace it costs its call too, and neither its target nor a stop") {
    const std::string what = GENERATE("traced", "traced crash");
    CAPTURE(what);
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.abandon_after = 200ms; });
    drivers::Call tracing = call(drivers::Verb::get, what);
    tracing.deadline = std::chrono::steady_clock::now() + 50ms;
    CHECK_THAT(failed(driver->perform(tracing)).message, StartsWith(std::string(who)) && EndsWith("and this get was lost"));
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("a driver that has the daemon trace it while it is made or ended is waited for as any other") {
    CHECK_THAT(refusal(R"({"create": "traced"})"), StartsWith("driver 'saboteur': its process ") && EndsWith(" during create"));
    const auto driver = saboteur(R"({"destroy": "traced"})", [](InstanceOptions &where) { where.abandon_after = 200ms; });
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "here"))) == "here");
}

TEST_CASE("of a lost write it is said that its effect is not known") {
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.abandon_after = 200ms; });
    const drivers::Failure failure = failed(driver->perform(call(drivers::Verb::create, "abort")));
    CHECK(failure.message ==
          std::string(who) + "was ended by signal 6 (Aborted), and this create was lost; whether it took effect is not known");
    CHECK(may_have_happened(failure));
    drivers::Call hanging = call(drivers::Verb::create, "hang");
    hanging.deadline = std::chrono::steady_clock::now() + 50ms;
    CHECK(may_have_happened(failed(driver->perform(hanging))));
    CHECK_FALSE(may_have_happened(failed(driver->perform(call(drivers::Verb::get, "abort")))));
    CHECK_FALSE(may_have_happened(failed(driver->perform(call(drivers::Verb::create, "conflict")))));
}

TEST_CASE("how a process ended names a fault as the cause only where it was killed for it") {
    const std::string killed = "was ended by signal 9 (Killed)", left = "ended its own process with exit code 0";
    CHECK(how_it_ended("", left) == left);
    CHECK(how_it_ended(left, left) == left);
    CHECK(how_it_ended("did not answer", killed) == "did not answer, so that it was ended by signal 9 (Killed)");
    CHECK(how_it_ended("closed its connection", left) == "closed its connection, and it ended its own process with exit code 0");
}

TEST_CASE("what hangs is ended after its deadline, and is not waited for any longer") {
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.abandon_after = 200ms; });
    const std::string what = GENERATE("hang", "spin", "shout");
    CAPTURE(what);
    drivers::Call hanging = call(drivers::Verb::get, what);
    hanging.deadline = std::chrono::steady_clock::now() + 50ms;
    const drivers::Failure failure = failed(driver->perform(hanging));
    CHECK(failure.code == Code::timeout);
    CHECK(failure.message ==
          std::string(who) + "did not return from get in time, so that it was ended by signal 9 (Killed), and this get was lost");
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("nonsense on the wire ends the process, and costs no more") {
    const auto driver = saboteur();
    const auto [what, says] = GENERATE(table<std::string, std::string>({
        {"scribble",
         "sent the daemon bytes that are no message, so that it was ended by signal 9 (Killed), and this get was lost"},
        {"close", "closed its connection to the daemon"}, // and was ended, or left
    }));
    CAPTURE(what);
    const drivers::Failure failure = failed(driver->perform(call(drivers::Verb::get, what)));
    CHECK(failure.code == Code::internal);
    CHECK_THAT(failure.message, StartsWith(std::string(who) + says));
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("calls that are under way at the same moment share the process's end, and each says so") {
    const LevelLines lines;
    const auto driver = saboteur({}, {}, lines.log);
    std::optional<drivers::Failure> other;
    std::thread waiting([&] { other = failed(driver->perform(call(drivers::Verb::get, "announced hang"))); });
    lines.wait_for("about to hang");
    const drivers::Failure own = failed(driver->perform(call(drivers::Verb::get, "abort")));
    waiting.join();
    CHECK(own.message == std::string(who) + "was ended by signal 6 (Aborted), and this get was lost");
    CHECK(other->message == own.message);
}

TEST_CASE("a process that ends while nobody calls is started again, which is told each time") {
    const LevelLines lines;
    std::atomic<int> restarts = 0;
    const auto driver = saboteur(
        {}, [&](InstanceOptions &where) { where.restarting = [&] { ++restarts; }; }, lines.log);
    CHECK(restarts == 0);
    CHECK(driver->process() == surroundings(*driver).at("pid").as_int64());
    const int before = static_cast<int>(surroundings(*driver).at("pid").as_int64());
    static_cast<void>(driver->perform(call(drivers::Verb::get, "later"))); // whether it is answered first is chance
    lines.wait_for("was ended by signal 6 (Aborted); it is started again at once");
    CHECK(surroundings(*driver).at("pid").as_int64() != before);
    CHECK(driver->process() == surroundings(*driver).at("pid").as_int64());
    CHECK(restarts == 1);
}

TEST_CASE("a process that ends while the daemon goes down is not started again, and nothing says that it is") {
    const LevelLines lines;
    const auto driver = saboteur({}, {}, lines.log);
    driver->stop_restarting();
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "still"))) == "still");
    failed(driver->perform(call(drivers::Verb::get, "abort")));
    lines.wait_for("was ended by signal 6 (Aborted); it is not started again, since the daemon goes down");
    CHECK(failed(driver->perform(call(drivers::Verb::get, "fine"))).message ==
          std::string(who) + "was ended by signal 6 (Aborted); it is not started again");
    CHECK(driver->process() == 0);
    CHECK(lines.with("error").empty());
}

TEST_CASE("a driver that ends again and again is started ever more slowly, and calls are refused meanwhile") {
    const auto driver = saboteur();
    std::optional<drivers::Failure> refused;
    for (int i = 0; i < 30 && !refused; ++i) {
        const drivers::Failure failure = failed(driver->perform(call(drivers::Verb::get, "abort")));
        if (failure.code == Code::unavailable) refused = failure;
    }
    REQUIRE(refused);
    CHECK(refused->message == std::string(who) + "was ended by signal 6 (Aborted); it is being started again");
    CHECK(refused->retry == drivers::Failure::Retry::later);
    CHECK(refused->retry_after >= 1s);
    // It offers no rsf.health/1: that it can't be called is known without asking.
    const drivers::DriverHealth health = driver->health();
    CHECK_FALSE(health.ok);
    CHECK(health.reason == refused->message);
}

TEST_CASE("floods are read, and what is too much of them is left out of the log") {
    const LevelLines lines;
    const auto driver = saboteur({}, {}, lines.log);
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "log", "a"))) == "a");
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "print", "b"))) == "b");
    const std::string log = lines.text();
    CHECK(static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n')) < 8000);
    CHECK_THAT(log, ContainsSubstring("target=prod request=r-1 a line among many"));
}

TEST_CASE("what the process prints is in the log, with its target") {
    const LevelLines lines;
    const auto driver = saboteur({}, {}, lines.log);
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "greet", "a"))) == "a");
    lines.wait_for("warning target=prod its process prints: hello on standard output\n");
    lines.wait_for("warning target=prod its process prints: hello on standard error\n");
}

TEST_CASE("a call that was begun is never made again") {
    struct Elsewhere final : drivers::OtherTargets {
        drivers::Answer ask(std::string_view, drivers::Call) override {
            ++asked;
            ::kill(process, SIGKILL); // the driver, in the middle of its call
            return drivers::Success{boost::json::object(), 0, {}};
        }
        Result<boost::json::object> describe(std::string_view) const override { return boost::json::object(); }

        std::atomic<int> asked = 0;
        std::atomic<pid_t> process = -1;
    };
    const auto elsewhere = std::make_shared<Elsewhere>();
    const auto driver = saboteur({}, {}, silent_log(), elsewhere);
    elsewhere->process = static_cast<pid_t>(surroundings(*driver).at("pid").as_int64());
    CHECK(failed(driver->perform(call(drivers::Verb::create, "ask"))).message ==
          std::string(who) + "was ended by signal 9 (Killed), and this create was lost; whether it took effect is not known");
    CHECK(elsewhere->asked == 1);
}

TEST_CASE("a call that the process never read goes to the next one") {
    for (int i = 0; i < 10; ++i) {
        const auto driver = saboteur();
        const auto process = static_cast<pid_t>(surroundings(*driver).at("pid").as_int64());
        ::kill(process, SIGSTOP);
        siginfo_t stopped{}; // until all of its threads are: one of them could still read the call
        REQUIRE(::waitid(P_PID, static_cast<id_t>(process), &stopped, WSTOPPED | WNOWAIT | __WALL) == 0);
        std::thread killer([&] { ::kill(process, SIGKILL); });
        CHECK(name_in(driver->perform(call(drivers::Verb::create, "fine", "once"))) == "once");
        killer.join();
    }
}

TEST_CASE("what a driver says to the daemon itself, in the daemon's own words, is nonsense where it does not belong") {
    const auto saying = [](auto &&send) {
        auto [a, b] = FrameSocket::make_pair();
        FrameSocket socket(std::move(a));
        send(socket);
        char bytes[4096];
        const ssize_t size = ::read(b.get(), bytes, sizeof bytes);
        std::string text = R"({"say": ")";
        for (ssize_t i = 0; i < size; ++i) {
            constexpr std::string_view digits = "0123456789abcdef";
            text += digits[static_cast<unsigned char>(bytes[i]) >> 4];
            text += digits[static_cast<unsigned char>(bytes[i]) & 15];
        }
        return refusal(text + "\"}");
    };
    const std::string nonsense =
        "sent the daemon bytes that are no message, so that it was ended by signal 9 (Killed) during create";
    CHECK_THAT(saying([](FrameSocket &socket) {
                   socket.send(Kind::describe, 0, {}, Describing{1, "prod"});
               }),
               EndsWith(nonsense));
    CHECK_THAT(saying([](FrameSocket &socket) { socket.send(Kind::answer, 0, {}, drivers::RawAnswer{}); }), EndsWith(nonsense));
    CHECK_THAT(saying([](FrameSocket &socket) {
                   socket.send(Kind::created, 0, {}, ReportedOffered{{}, 0, "[]"});
               }),
               EndsWith("what the driver's process says of its abilities is malformed"));
}

TEST_CASE("a process that left its group, or closed what it prints on, is ended all the same, and costs the daemon nothing") {
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.abandon_after = 200ms; });
    const std::string what = GENERATE("leave-group", "mute");
    CAPTURE(what);
    drivers::Call hanging = call(drivers::Verb::get, what);
    hanging.deadline = std::chrono::steady_clock::now() + 800ms;
    const std::clock_t before = std::clock();
    CHECK(failed(driver->perform(hanging)).code == Code::timeout);
    CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.5); // of the second that it waited
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("a write to a pipe that nobody reads ends nothing") {
    CHECK(name_in(saboteur()->perform(call(drivers::Verb::get, "broken-pipe", "a"))) == "a");
}

TEST_CASE("a driver that does not come to be is refused, with how its process ended") {
    const std::string who = "driver 'saboteur': ";
    CHECK(refusal(R"({"create": "abort"})") == who + "its process was ended by signal 6 (Aborted) during create");
    CHECK(refusal(R"({"create": "exit"})") == who + "its process ended its own process with exit code 3 during create");
    const auto leaver = taken(drivers::DriverFile::open(driver_file("leaver")));
    const auto described = describe_apart(instance_options(Isolation::process).program)(leaver);
    REQUIRE(described.has_error());
    CHECK(to_string(described.error()) ==
          driver_file("leaver").string() + ": its process ended its own process with exit code 7 while the driver was loaded");
}

TEST_CASE("a driver that hangs or crashes in destroy does not keep the daemon") {
    const std::string how = GENERATE("hang", "abort");
    auto driver = saboteur(R"({"destroy": ")" + how + R"("})", [](InstanceOptions &where) { where.abandon_after = 200ms; });
    const auto process = static_cast<pid_t>(surroundings(*driver).at("pid").as_int64());
    driver.reset();
    CHECK(::kill(process, 0) != 0);
}

TEST_CASE("what a driver's process started in its group goes with it") {
    const LevelLines lines;
    const auto driver = saboteur({}, {}, lines.log);
    static_cast<void>(driver->perform(call(drivers::Verb::get, "leave-behind")));
    const std::string log = lines.text();
    constexpr std::string_view mark = "left behind: ";
    REQUIRE(log.find(mark) != log.npos);
    const pid_t left = std::stoi(log.substr(log.find(mark) + mark.size()));
    const FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, left, 0)));
    if (!ended) {
        CHECK(errno == ESRCH);
        return;
    }
    pollfd polled{ended.get(), POLLIN, 0};
    CHECK(::poll(&polled, 1, 60'000) == 1);
}

} // namespace rsf::process::test
