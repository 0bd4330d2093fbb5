// SPDX-License-Identifier: Apache-2.0
//
// What a driver's process has and may: nothing of the daemon's, and no more than it is given.
#include "saboteur.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

namespace rsf::process::test {

using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

} // namespace

TEST_CASE("the process has no descriptor of the daemon's but its lines, an empty input and the driver's file") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0); // without close-on-exec, as a careless library opens them
    const FileDescriptor read(ends[0]), write(ends[1]);
    const auto driver = saboteur();
    surroundings(*driver);
    const auto found = surroundings(*driver).at("descriptors").as_object();
    CHECK(found.at("0") == "/dev/null");
    CHECK_THAT(std::string(found.at("1").as_string()), StartsWith("pipe:"));
    CHECK(found.at("1") == found.at("2"));
    CHECK_THAT(std::string(found.at("3").as_string()), StartsWith("socket:"));
    CHECK(found.at("4") == driver_file("saboteur").c_str());
    CHECK_THAT(std::string(found.at("5").as_string()), StartsWith("socket:"));
    CHECK(found.size() == 6);
}

TEST_CASE("the process is told nothing that systemd tells the daemon, and all else") {
    for (const char *name : {"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC",
                             "CREDENTIALS_DIRECTORY", "RSF_TEST_OTHER"})
        ::setenv(name, "1", 1);
    const auto driver = saboteur();
    std::set<std::string> names;
    const auto found = surroundings(*driver);
    for (const auto &entry : found.at("environment").as_array()) {
        const std::string text(entry.as_string());
        names.insert(text.substr(0, text.find('=')));
    }
    for (const char *name :
         {"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY"}) {
        CHECK_FALSE(names.contains(name));
        ::unsetenv(name);
    }
    CHECK(names.contains("RSF_TEST_OTHER"));
    CHECK(names.contains("PATH"));
}

TEST_CASE("the process is the daemon's own, and ends with the instance") {
    auto driver = saboteur();
    const auto found = surroundings(*driver);
    CHECK(found.at("parent") == ::getpid());
    driver.reset();
    CHECK(::kill(static_cast<pid_t>(found.at("pid").as_int64()), 0) != 0);
}

TEST_CASE("the process runs as whom it is told") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can run a process as another user");
        return;
    }
    const passwd *const nobody = ::getpwnam("nobody");
    REQUIRE(nobody);
    const std::int64_t user = nobody->pw_uid, group = nobody->pw_gid;
    const auto found = surroundings(*saboteur({}, [](InstanceOptions &where) { where.limits.user = "nobody"; }));
    CHECK(found.at("user") == user);
    CHECK(found.at("group") == group);
}

TEST_CASE("to say what a driver is, its code runs as nobody, where the daemon is root") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can run a process as another user");
        return;
    }
    const TempFolder scratch;
    set_mode(scratch.path(), 0777);
    const auto mark = scratch / "mark";
    ::setenv("RSF_TEST_MARK", mark.c_str(), 1);
    taken(describe_apart(instance_options(Isolation::process).program)(taken(drivers::DriverFile::open(library("constructor")))));
    ::unsetenv("RSF_TEST_MARK");
    struct stat status {};
    REQUIRE(::stat(mark.c_str(), &status) == 0);
    CHECK(status.st_uid == ::getpwnam("nobody")->pw_uid);
}

TEST_CASE("a process that wants more memory than it may have ends, and is started again") {
    if (is_sanitized) {
        WARN("skipped: a sanitizer needs more memory than any limit of this test");
        return;
    }
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.limits.memory = std::size_t{64} << 20; });
    CHECK(surroundings(*driver).at("data") == 64 << 20);
    CHECK(failed(driver->perform(call(drivers::Verb::get, "memory"))).message ==
          "driver 'saboteur' of target 'prod' was ended by signal 6 (Aborted), and this get was lost");
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("a process that takes more processor time than it may is ended, and started again") {
    const auto driver = saboteur({}, [](InstanceOptions &where) { where.limits.cpu = 1s; });
    CHECK(failed(driver->perform(call(drivers::Verb::get, "spin"))).message ==
          "driver 'saboteur' of target 'prod' was ended by signal 24 (CPU time limit exceeded), and this get was lost");
    CHECK(name_in(driver->perform(call(drivers::Verb::get, "fine", "again"))) == "again");
}

TEST_CASE("nobody but a daemon starts a driver's process") {
    const std::string command =
        instance_options(Isolation::process).program + " driver-host --target x --driver /x 2>/dev/null 3</dev/null";
    const int status = std::system(command.c_str());
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 1);
}

} // namespace rsf::process::test
