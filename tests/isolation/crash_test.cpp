// SPDX-License-Identifier: Apache-2.0
//
// What a driver in a process of its own can do to that process, and what it costs: the calls that are under way, each with a
// sentence.
#include "saboteur.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

namespace rsf::daemon::test {

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
    const Failure failure = failed(driver->perform(call(Verb::get, row.what)));
    CHECK(failure.code == Code::internal);
    CHECK(failure.message == std::string(who) + row.how + ", and this get was lost");
    CHECK(name_in(driver->perform(call(Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("of a lost write it is said that its effect is not known") {
    const auto driver = saboteur();
    CHECK(failed(driver->perform(call(Verb::create, "abort"))).message ==
          std::string(who) + "was ended by signal 6 (Aborted), and this create was lost; whether it took effect is not known");
}

TEST_CASE("what hangs is ended after its deadline, and is not waited for any longer") {
    const auto driver = saboteur({}, [](Residence &where) { where.patience = 50ms; });
    const std::string what = GENERATE("hang", "spin", "shout");
    CAPTURE(what);
    Call hanging = call(Verb::get, what);
    hanging.deadline = std::chrono::steady_clock::now() + 50ms;
    const Failure failure = failed(driver->perform(hanging));
    CHECK(failure.code == Code::timeout);
    CHECK(failure.message ==
          std::string(who) + "did not return from get in time, so that it was ended by signal 9 (Killed), and this get was lost");
    CHECK(name_in(driver->perform(call(Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("nonsense on the wire ends the process, and costs no more") {
    const auto driver = saboteur();
    const auto [what, says] = GENERATE(table<std::string, std::string>({
        {"scribble", "spoke nonsense to the daemon, so that it was ended by signal 9 (Killed), and this get was lost"},
        {"close", "closed its line to the daemon"}, // and was ended, or left
    }));
    CAPTURE(what);
    const Failure failure = failed(driver->perform(call(Verb::get, what)));
    CHECK(failure.code == Code::internal);
    CHECK_THAT(failure.message, StartsWith(std::string(who) + says));
    CHECK(name_in(driver->perform(call(Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("calls that are under way at the same moment share the process's end, and each says so") {
    Lines lines;
    const auto driver = saboteur({}, {}, lines.log);
    std::optional<Failure> other;
    std::thread waiting([&] { other = failed(driver->perform(call(Verb::get, "announced hang"))); });
    lines.wait_for("about to hang");
    const Failure own = failed(driver->perform(call(Verb::get, "abort")));
    waiting.join();
    CHECK(own.message == std::string(who) + "was ended by signal 6 (Aborted), and this get was lost");
    CHECK(other->message == own.message);
}

TEST_CASE("a process that ends while nobody calls is started again") {
    Lines lines;
    const auto driver = saboteur({}, {}, lines.log);
    const int before = static_cast<int>(surroundings(*driver).at("pid").as_int64());
    static_cast<void>(driver->perform(call(Verb::get, "later"))); // whether it is answered first is chance
    lines.wait_for("was ended by signal 6 (Aborted); it is started again at once");
    CHECK(surroundings(*driver).at("pid").as_int64() != before);
}

TEST_CASE("a driver that ends again and again is started ever more slowly, and calls are refused meanwhile") {
    const auto driver = saboteur();
    std::optional<Failure> refused;
    for (int i = 0; i < 30 && !refused; ++i) {
        const Failure failure = failed(driver->perform(call(Verb::get, "abort")));
        if (failure.code == Code::unavailable) refused = failure;
    }
    REQUIRE(refused);
    CHECK(refused->message == std::string(who) + "was ended by signal 6 (Aborted); it is being started again");
    CHECK(refused->retry == Failure::Retry::later);
    CHECK(refused->retry_after >= 1s);
}

TEST_CASE("floods are read, and what is too much of them is left out of the log") {
    Lines lines;
    const auto driver = saboteur({}, {}, lines.log);
    CHECK(name_in(driver->perform(call(Verb::get, "log", "a"))) == "a");
    CHECK(name_in(driver->perform(call(Verb::get, "print", "b"))) == "b");
    const std::string log = lines.read();
    CHECK(static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n')) < 8000);
    CHECK_THAT(log, ContainsSubstring("target=prod request=r-1 a line among many"));
}

TEST_CASE("what the process prints is in the log, with its target") {
    Lines lines;
    const auto driver = saboteur({}, {}, lines.log);
    CHECK(name_in(driver->perform(call(Verb::get, "greet", "a"))) == "a");
    lines.wait_for("warning target=prod request=- its process prints: hello on standard output\n");
    lines.wait_for("warning target=prod request=- its process prints: hello on standard error\n");
}

TEST_CASE("a driver that does not come to be is refused, with how its process ended") {
    const std::string target = "target 'prod' can not be made with driver 'saboteur': ";
    CHECK(refusal(R"({"create": "abort"})") == target + "its process was ended by signal 6 (Aborted) during create");
    CHECK(refusal(R"({"create": "exit"})") == target + "its process ended its own process with exit code 3 during create");
    const auto leaver = taken(DriverFile::open(driver_file("leaver")));
    const auto described = describe_apart(residence(Isolation::process).program)(leaver);
    REQUIRE(described.has_error());
    CHECK(to_string(described.error()) ==
          driver_file("leaver").string() + ": its process ended its own process with exit code 7 while the driver was loaded");
}

TEST_CASE("a driver that hangs or crashes in destroy does not keep the daemon") {
    Lines lines;
    saboteur(R"({"destroy": "hang"})", [](Residence &where) { where.patience = 50ms; }, lines.log).reset();
    saboteur(R"({"destroy": "abort"})", {}, lines.log).reset();
}

TEST_CASE("what a driver's process started in its group goes with it") {
    Lines lines;
    const auto driver = saboteur({}, {}, lines.log);
    static_cast<void>(driver->perform(call(Verb::get, "leave-behind")));
    const std::string log = lines.read();
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

} // namespace rsf::daemon::test
