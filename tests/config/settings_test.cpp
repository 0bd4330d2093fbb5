// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace rsf::base;
using namespace rsf::config;
using namespace rsf::http;
using namespace rsf::parse;
using namespace rsf::process;
using namespace rsf::run;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

std::string text_of(const std::filesystem::path &file) {
    std::ifstream in(file);
    REQUIRE(in);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// What the file is refused for, its problems in order.
std::string mistakes(std::string_view text) {
    const Result<Settings> settings = parse_settings(text, "s.yaml");
    REQUIRE(!settings);
    return to_string(settings.error());
}

constexpr std::string_view shipped = TEST_SOURCE_DIR "/../etc/resourcifierd.yaml";

} // namespace

TEST_CASE("one target is all that settings need") {
    const Result<Settings> settings = parse_settings("targets: {scratch: {driver: dryrun}}", "s.yaml");
    REQUIRE(settings.has_value());
    CHECK(settings->listen == std::vector<ListenAddress>{"127.0.0.1:8080"});
    CHECK(settings->default_target == "scratch");
    CHECK(settings->driver_path == std::vector<std::filesystem::path>{"/usr/lib/resourcifier/drivers"});
    CHECK(settings->limits.body == 8u << 20);
    CHECK(settings->limits.parse.depth == 64);
    CHECK(settings->limits.parse.resources == 10'000);
    CHECK(settings->limits.idle_time == 100s);
    CHECK(settings->limits == HttpLimits{});
    CHECK(settings->shutdown_grace == 30s);
    CHECK(settings->targets.at(0).limits.concurrency == 16);
    CHECK(settings->targets.at(0).limits.timeout == 60s);
    CHECK_FALSE(settings->targets.at(0).strategy);
}

TEST_CASE("every setting of the file is taken over") {
    const Result<Settings> settings = parse_settings(R"(
listen: ["[::1]:80", "unix:/run/x.sock", {unix: /run/y.sock, owner: root, group: root, mode: "0666"}]
threads: 3
log_level: debug
shutdown_grace: 2min
driver_path: [/a, /b]
limits: {body: 1KiB, memory: 2KiB, nodes: 1000, depth: 9, resources: 5, headers: 3KiB, header_count: 20,
         header_time: 1s, request_time: 250ms, response_time: 3min, idle_time: 1h, connections: 77, requests: 33,
         bodies: 4KiB}
default_target: b
targets:
  a: {driver: one, concurrency: 2, queue: 3, timeout: 4s, strategy: apply, settings: {x: [1, {a: z}]}}
  b: {driver: /opt/two.so, isolation: none}
  c: {driver: three, process: {memory: 512MiB, cpu: 1min}}
)",
                                                     "s.yaml");
    REQUIRE(settings.has_value());
    ListenAddress plain("unix:/run/x.sock");
    plain.mode = 0660;
    ListenAddress with_mode("unix:/run/y.sock");
    with_mode.owner = "root";
    with_mode.group = "root";
    with_mode.mode = 0666;
    CHECK(settings->listen == std::vector<ListenAddress>{"[::1]:80", plain, with_mode});
    CHECK(settings->threads == 3);
    CHECK(settings->log_level == "debug");
    CHECK(settings->shutdown_grace == 2min);
    CHECK(settings->driver_path == std::vector<std::filesystem::path>{"/a", "/b"});
    const HttpLimits &limits = settings->limits;
    CHECK(limits.body == 1024);
    CHECK(limits.parse.bytes == 2048);
    CHECK(limits.parse.nodes == 1000);
    CHECK(limits.parse.depth == 9);
    CHECK(limits.parse.resources == 5);
    CHECK(limits.headers == 3072);
    CHECK(limits.header_count == 20);
    CHECK(limits.header_time == 1s);
    CHECK(limits.request_time == 250ms);
    CHECK(limits.response_time == 3min);
    CHECK(limits.idle_time == 1h);
    CHECK(limits.connections == 77);
    CHECK(limits.requests == 33);
    CHECK(limits.bodies == 4096);
    CHECK(settings->default_target == "b");
    REQUIRE(settings->targets.size() == 3);
    const TargetSettings &a = settings->targets[0];
    CHECK(a.name == "a");
    CHECK(a.driver == "one");
    CHECK(a.limits.concurrency == 2);
    CHECK(a.limits.queue == 3);
    CHECK(a.limits.timeout == 4s);
    CHECK(a.strategy == Strategy::apply);
    CHECK(a.settings == json::object{{"x", {1, {{"a", "z"}}}}});
    CHECK(a.isolation == Isolation::process);
    CHECK(a.process == ProcessLimits{});
    CHECK(settings->targets[1].isolation == Isolation::none);
    CHECK(settings->targets[2].process == ProcessLimits{"", std::size_t{512} << 20, 60s});
}

TEST_CASE("a mistake in the settings is reported with its place and what to do") {
    struct Row {
        const char *name;
        const char *text;
        const char *says;
    };
    const Row row = GENERATE(values<Row>({
        {"empty", "", "s.yaml: the settings are not a mapping"},
        {"a list", "- a", "s.yaml: the settings are not a mapping"},
        {"broken YAML", "listen: [\n", "s.yaml:"},
        {"no targets", "threads: 1\n", "targets"},
        {"a time that no clock knows", "targets: {a: {driver: d}}\nshutdown_grace: 9999999h\n",
         "s.yaml:2:1: that is more than a year"},
        {"no address", "targets: {a: {driver: d}}\nlisten: [\"127.0.0.1\"]\n",
         "s.yaml:2:10: can't listen on 127.0.0.1: it is not an address"},
        {"an address for others", "targets: {a: {driver: d}}\nlisten: [\"127.0.0.1:1\", \"0.0.0.0:1\"]\n",
         "s.yaml:2:25: can't listen on 0.0.0.0:1: other machines can connect there"},
        {"an unknown group", "targets: {a: {driver: d}}\nlisten: [{unix: /x, group: nosuch}]\n", "there is no group 'nosuch'"},
        {"a mode in no form", "targets: {a: {driver: d}}\nlisten: [{unix: /x, mode: rw}]\n",
         "'listen[0].mode' must be three octal digits in quotes, as in \"0660\", and is \"rw\""},
        {"a mode without quotes", "targets: {a: {driver: d}}\nlisten: [{unix: /x, mode: 660}]\n", "write it as in \"0660\""},
        {"one address that is no list", "targets: {a: {driver: d}}\nlisten: 127.0.0.1:1\n",
         "'listen' must be array, and is string; write it as a list: [\"127.0.0.1:1\"]"},
        {"a time without unit", "targets: {a: {driver: d}}\nshutdown_grace: 30\n", "write it as in \"30s\""},
        {"a size that is a number", "targets: {a: {driver: d}}\nlimits: {memory: 5}\n", "write it as in \"60MiB\""},
        {"a process's size that is a number", "targets: {a: {driver: d, process: {memory: 5}}}\n", "write it as in \"512MiB\""},
        {"a socket without a path", "targets: {a: {driver: d}}\nlisten: [{group: root}]\n", "listen[0].unix"},
        {"unknown key", "targets: {a: {driver: d}}\nlisten_on: []\n", "s.yaml:2:1: "},
        {"unknown key is named", "targets: {a: {driver: d}}\nlistn: []\n", "did you mean 'listen'?"},
        {"no isolation", "targets: {a: {driver: d, isolation: jail}}\n", "s.yaml:1:26: "},
        {"a process that there is not", "targets: {a: {driver: d, isolation: none, process: {cpu: 1s}}}\n",
         "s.yaml:1:43: with isolation: none there is no process to be given anything: leave one of the two out"},
        {"an unknown user", "targets: {a: {driver: d, process: {user: nobody-at-all}}}\n",
         "s.yaml:1:36: there is no user 'nobody-at-all' on this machine"},
        {"too little memory", "targets: {a: {driver: d, process: {memory: 1MiB}}}\n",
         "s.yaml:1:36: a driver's process needs 64MiB to begin with"},
        {"parts of a second", "targets: {a: {driver: d, process: {cpu: 1500ms}}}\n",
         "s.yaml:1:36: processor time is counted in whole seconds"},
        {"key given twice", "threads: 1\nthreads: 2\ntargets: {a: {driver: d}}\n", "s.yaml:2:1: "},
        {"wrong type", "targets: {a: {driver: d}}\nthreads: many\n", "s.yaml:2:"},
        {"out of range", "targets: {a: {driver: d}}\nthreads: 0\n", "s.yaml:2:"},
        {"unknown log level", "targets: {a: {driver: d}}\nlog_level: loud\n", "\"error\", \"off\", and is \"loud\""},
        {"relative driver path", "targets: {a: {driver: d}}\ndriver_path: [drivers]\n",
         "'driver_path[0]' must be an absolute path: one that begins with /, and is \"drivers\""},
        {"size without unit", "targets: {a: {driver: d}}\nlimits: {body: '8'}\n", "'8' is not a size"},
        {"size with a wrong unit", "targets: {a: {driver: d}}\nlimits:\n  body: 8MB\n", "s.yaml:3:"},
        {"no time", "targets: {a: {driver: d}}\nlimits: {idle_time: 0s}\n", "'0s' is not a time"},
        {"a huge time", "targets: {a: {driver: d}}\nshutdown_grace: 99999999999999999999h\n", "is not a time"},
        {"no connections", "targets: {a: {driver: d}}\nlimits: {connections: 0}\n", "s.yaml:2:10: "},
        {"no requests", "targets: {a: {driver: d}}\nlimits: {requests: 0}\n", "s.yaml:2:10: "},
        {"connections by name", "targets: {a: {driver: d}}\nlimits: {connections: many}\n", "s.yaml:2:10: "},
        {"bodies without unit", "targets: {a: {driver: d}}\nlimits: {bodies: '9'}\n", "'9' is not a size"},
        {"bodies that hold less than a body", "targets: {a: {driver: d}}\nlimits: {body: 9MiB, memory: 1MiB, bodies: 8MiB}\n",
         "bodies is less than one request may take"},
        {"bodies that hold less than a body's values", "targets: {a: {driver: d}}\nlimits: {bodies: 59MiB}\n", "s.yaml:2:10: "},
        {"no response time", "targets: {a: {driver: d}}\nlimits: {response_time: 0s}\n", "'0s' is not a time"},
        {"unknown key in limits", "targets: {a: {driver: d}}\nlimits: {bodi: 1MiB}\n", "did you mean 'body'?"},
        {"a host with a port", "targets: {a: {driver: d}}\nhosts: ['a.example:80']\n",
         "s.yaml:2:9: 'a.example:80' is not a host"},
        {"a URL for a host", "targets: {a: {driver: d}}\nhosts: [http://a.example]\n", "is not a host"},
        {"a host with a path", "targets: {a: {driver: d}}\nhosts: [a.example/b]\n", "is not a host"},
        {"a pattern for a host", "targets: {a: {driver: d}}\nhosts: ['*']\n", "is not a host"},
        {"an address without brackets", "targets: {a: {driver: d}}\nhosts: ['fd00::1']\n",
         "as in resourcifier.example.org or [fd00::1]"},
        {"an empty host", "targets: {a: {driver: d}}\nhosts: ['']\n", "s.yaml:2:"},
        {"no listen address", "targets: {a: {driver: d}}\nlisten: []\n", "s.yaml:2:1: there is no address to listen on"},
        {"no target", "targets: {}\n", "there is no target: name at least one"},
        {"target is not a mapping", "targets:\n  a: dryrun\n", "s.yaml:2:3: a target is a mapping"},
        {"target without driver", "targets:\n  a: {queue: 1}\n", "driver"},
        {"unknown key in a target", "targets:\n  a: {driver: d, setings: {}}\n", "did you mean 'settings'?"},
        {"target's name", "targets:\n  a: {driver: d}\n  A/b~: {driver: d}\n", "s.yaml:3:3: 'A/b~' is not a name for a target"},
        {"target's time", "targets:\n  a: {driver: d, timeout: soon}\n", "'soon' is not a time"},
        {"target's strategy", "targets:\n  a: {driver: d, strategy: aply}\n", "s.yaml:2:"},
        {"several targets, no default", "targets:\n  a: {driver: d}\n  b: {driver: d}\n", "default_target"},
        {"unknown default", "targets:\n  prod: {driver: d}\ndefault_target: prd\n",
         "s.yaml:3:1: there is no target 'prd' (did you mean 'prod'?); the targets are: prod"},
        {"a credential below a key with a slash",
         "targets:\n  a:\n    driver: d\n    settings:\n      x/y: \"${credential:nowhere}\"\n", "s.yaml:5:7: "},
        {"no such secret shown", "targets: {a: {driver: d}}\nthreads: [1]\n", "s.yaml:2:"},
    }));
    INFO(row.name);
    CHECK_THAT(mistakes(row.text), ContainsSubstring(row.says));
}

TEST_CASE("all mistakes of one step are reported at once, in the order of the file") {
    const std::string text = mistakes("threads: 0\nlimits: {body: x}\ntargets: {a: {driver: d, timeout: x}, B: {driver: d}}\n");
    CHECK_THAT(text, ContainsSubstring("s.yaml:1:"));
    const Result<Settings> settings =
        parse_settings("limits: {body: x}\ntargets:\n  a: {driver: d, timeout: y}\n  B: {driver: d}\n", "s.yaml");
    REQUIRE(!settings);
    REQUIRE(settings.error().causes.size() == 3);
    CHECK(settings.error().causes[0].place.line == 1);
    CHECK(settings.error().causes[1].place.line == 3);
    CHECK(settings.error().causes[2].place.line == 4);
}

TEST_CASE("what is no settings file is an error with its name, and is not waited for") {
    const rsf::test::TemporaryFolder folder;
    const std::filesystem::path fifo = folder.path() / "fifo", large = folder.path() / "large";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    rsf::test::write_file(large, "");
    std::filesystem::resize_file(large, (4u << 20) + 1);
    const std::pair<std::filesystem::path, const char *> rows[] = {
        {"/nowhere/resourcifierd.yaml", "can't be read: No such file or directory"},
        {"/", "is a folder, not a file"},
        {"/dev/zero", "is not a regular file"},
        {fifo, "is not a regular file"},
        {large, "is larger than 4194304 bytes"},
    };
    for (const auto &[file, fault] : rows) {
        const Result<Settings> settings = read_settings(file);
        REQUIRE(!settings);
        CHECK(to_string(settings.error()) == file.string() + ": the settings file " + fault);
    }
}

TEST_CASE("the shipped settings file shows every setting with its default") {
    const Result<Settings> settings = read_settings(shipped);
    if (!settings) FAIL(to_string(settings.error()));
    const Result<Document> document = read_yaml(text_of(std::filesystem::path(shipped)), Limits{});
    REQUIRE(document.has_value());
    const json::object &file = document->value.as_object();

    const auto same_as_default = [](const json::object &schema, const json::object &shown) {
        for (const auto &[key, property] : schema.at("properties").as_object()) {
            INFO("setting " << key);
            const json::value *value = shown.if_contains(key);
            REQUIRE(value);
            const json::value *fallback = property.as_object().if_contains("default");
            const bool opaque = key == "settings"; // the driver's own; the commands' tests look at them
            if (fallback && !opaque && !property.as_object().contains("properties")) CHECK(*value == *fallback);
        }
    };
    same_as_default(settings_schema(), file);
    same_as_default(settings_schema().at("properties").at("limits").as_object(), file.at("limits").as_object());
    same_as_default(target_schema(), file.at("targets").at("scratch").as_object());
}

TEST_CASE("a driver's complaint about its settings gets its place in the file") {
    const Result<Settings> settings = parse_settings("targets:\n  a:\n    driver: d\n    settings:\n      token: 1\n", "s.yaml");
    REQUIRE(settings.has_value());
    const Error error = settings->located({Code::invalid, "it is bad", {.pointer = "/token"}, {}}, settings->targets.at(0));
    CHECK(to_string(error) == "s.yaml:5:7: target 'a': it is bad");
}

TEST_CASE("a log that is off may be written without quotes, which YAML takes for a boolean") {
    CHECK(parse_settings("targets: {a: {driver: d}}\nlog_level: off\n", "s.yaml").value().log_level == "off");
    CHECK_THAT(mistakes("targets: {a: {driver: d}}\nlog_level: on\n"), ContainsSubstring("'log_level'"));
}
