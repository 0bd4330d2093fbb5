// SPDX-License-Identifier: Apache-2.0
//
// The daemon's log as it comes out: text, JSON, and systemd's journal.
#include "service/log_output.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rsf::base;
using namespace rsf::service;
namespace json = boost::json;

namespace {

std::string formatted(const LogFields &fields, std::string_view text) { return fmt::format("{}{}", fields, text); }

// What make_log's logger writes to standard error while write runs.
template <class Write> std::string standard_error_of(Write write) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const int kept = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    write();
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(ends[1]);
    std::string text(64u << 10, '\0');
    text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
    ::close(ends[0]);
    return text;
}

} // namespace

TEST_CASE("fields stand before a line's text, and are found again whatever they hold") {
    const std::string line = formatted({{"target", "prod"},
                                        {"request", "1234"},
                                        {"path", "/a b\"c=\\d\n"},
                                        {"empty", ""},
                                        {"status", std::int64_t{200}},
                                        {"duration_ms", 1.25}},
                                       "took target=other time");
    CHECK(plain_text(line) ==
          "target=prod request=\"1234\" path=\"/a b\\\"c=\\\\d\\\\x0A\" status=200 duration_ms=1.2 took target=other time");
    const LogEntry apart = take_apart(line);
    CHECK(apart.text == "took target=other time");
    REQUIRE(apart.fields.size() == 5);
    struct Row {
        const char *key, *value;
        bool is_number;
    };
    const Row rows[] = {{"target", "prod", false},
                        {"request", "1234", false},
                        {"path", "/a b\"c=\\d\\x0A", false},
                        {"status", "200", true},
                        {"duration_ms", "1.2", true}};
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        CHECK(apart.fields[i].key == rows[i].key);
        CHECK(apart.fields[i].value == rows[i].value);
        CHECK(apart.fields[i].is_number == rows[i].is_number);
    }
    CHECK(take_apart("no fields=here").text == "no fields=here");
    CHECK(take_apart("no fields=here").fields.empty());
}

TEST_CASE("text lines have time, level, fields and words") {
    const std::string text = standard_error_of([] {
        const Log log = make_log("info", "text");
        log->warn("{}failed: {}", LogFields{{"target", "prod"}, {"request", "r-1"}}, "why");
        log->debug("not this one");
    });
    CHECK_THAT(text,
               Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d warning target=prod request=r-1 failed: why\n)"));
}

TEST_CASE("JSON lines are objects, with the fields as members") {
    const std::string text = standard_error_of([] {
        const Log log = make_log("debug", "json");
        log->error("{}says \"no\"", LogFields{{"target", "prod"}, {"request", "42"}, {"status", std::int64_t{503}}});
        log->debug("plain");
    });
    const std::size_t end = text.find('\n');
    json::object first = json::parse(text.substr(0, end)).as_object();
    CHECK(first.contains("time"));
    first.erase("time");
    CHECK(first ==
          json::object{{"level", "error"}, {"message", "says \"no\""}, {"target", "prod"}, {"request", "42"}, {"status", 503}});
    CHECK(json::parse(text.substr(end + 1, text.size() - end - 2)).at("message") == "plain");
}

TEST_CASE("the journal gets each field under its own name, and the priority") {
    // The journal's socket has one name on a machine: a process with a /run of its own has one of its own.
    std::array<int, 2> results{};
    REQUIRE(::pipe(results.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool apart = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::mount("tmpfs", "/run", "tmpfs", 0, nullptr) == 0;
        if (!apart) ::_exit(77);
        ::mkdir("/run/systemd", 0755);
        ::mkdir("/run/systemd/journal", 0755);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::string("/run/systemd/journal/socket").copy(address.sun_path, sizeof address.sun_path - 1);
        const int journal = ::socket(AF_UNIX, SOCK_DGRAM, 0);
        if (::bind(journal, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) ::_exit(1);
        make_log("info", "journal")
            ->error("{}failed", LogFields{{"target", "prod"}, {"request", "r-1"}, {"status", std::int64_t{503}}});
        std::array<char, 8192> message{};
        const ssize_t got = ::recv(journal, message.data(), message.size(), MSG_DONTWAIT);
        ::_exit(got > 0 && ::write(results[1], message.data(), static_cast<std::size_t>(got)) == got ? 0 : 1);
    }
    ::close(results[1]);
    std::string text(8192, '\0');
    const ssize_t got = ::read(results[0], text.data(), text.size());
    ::close(results[0]);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 77) {
        WARN("not tested: a mount namespace can't be made here (CAP_SYS_ADMIN)");
        return;
    }
    CHECK(status == 0);
    for (const char *field :
         {"MESSAGE=target=prod request=r-1 status=503 failed\n", "PRIORITY=3\n", "SYSLOG_IDENTIFIER=resourcifierd\n",
          "RESOURCIFIER_TARGET=prod\n", "RESOURCIFIER_REQUEST=r-1\n", "RESOURCIFIER_STATUS=503\n"})
        CHECK_THAT(text, ContainsSubstring(field));
}

TEST_CASE("the journal is written to where standard error is connected with it, and only there") {
    const auto written = [](const std::string &stream) {
        return standard_error_of([&] {
            ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
            make_log("info", "automatic")->info("hello");
            ::unsetenv("JOURNAL_STREAM");
        });
    };
    CHECK_THAT(written("1:2"), EndsWith(" info hello\n"));
    std::string own;
    const std::string text = standard_error_of([&] {
        struct stat status {};
        ::fstat(STDERR_FILENO, &status);
        own = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
        ::setenv("JOURNAL_STREAM", own.c_str(), 1);
        make_log("info", "automatic")->info("hello");
        ::unsetenv("JOURNAL_STREAM");
    });
    CHECK(text.empty());
}
