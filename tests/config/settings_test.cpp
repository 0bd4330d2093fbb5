// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "config/table.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

using namespace rsf::base;
using namespace rsf::config;
using namespace rsf::http;
using namespace rsf::parse;
using namespace rsf::process;
using namespace rsf::run;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

// The mistakes that the file is refused for, in order.
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
    CHECK(settings->shutdown_delay == 0s);
    CHECK(settings->shutdown_grace == 30s);
    CHECK(settings->targets.at(0).limits.concurrency == 16);
    CHECK(settings->targets.at(0).limits.timeout == 60s);
    CHECK_FALSE(settings->targets.at(0).strategy);
}

TEST_CASE("every setting of the file fills its member") {
    const Result<Settings> settings = parse_settings(R"(
listen: ["[::1]:80", "unix:/run/x.sock", {unix: /run/y.sock, owner: root, group: root, mode: "0666"}]
threads: 3
log_level: debug
shutdown_delay: 15s
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
    CHECK(settings->shutdown_delay == 15s);
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
        {"an address twice", "targets: {a: {driver: d}}\nlisten: [\"127.0.0.1:1\", \"127.0.0.1:2\", \"127.0.0.1:1\"]\n",
         "s.yaml:2:40: '127.0.0.1:1' is the same address as '127.0.0.1:1', which is listed before: remove one of the two"},
        {"an IPv6 address in two spellings", "targets: {a: {driver: d}}\nlisten: [\"[::1]:1\", \"[0:0::1]:01\"]\n",
         "s.yaml:2:21: '[0:0::1]:01' is the same address as '[::1]:1'"},
        {"a socket in two spellings", "targets: {a: {driver: d}}\nlisten: [\"unix:/x/y\", {unix: /x//./y}]\n",
         "s.yaml:2:23: 'unix:/x//./y' is the same address as 'unix:/x/y'"},
        {"a unit's sockets twice", "targets: {a: {driver: d}}\nlisten: [\"systemd:a\", \"systemd:a\"]\n",
         "s.yaml:2:23: 'systemd:a' is the same address"},
        {"an unknown group", "targets: {a: {driver: d}}\nlisten: [{unix: /x, group: nosuch}]\n", "there is no group 'nosuch'"},
        {"a mode that is not octal", "targets: {a: {driver: d}}\nlisten: [{unix: /x, mode: rw}]\n",
         "'listen[0].mode' must be three octal digits in quotes, as in \"0660\", and is \"rw\""},
        {"a mode without quotes", "targets: {a: {driver: d}}\nlisten: [{unix: /x, mode: 660}]\n", "write it as in \"0660\""},
        {"one address that is no list", "targets: {a: {driver: d}}\nlisten: 127.0.0.1:1\n",
         "'listen' must be array, and is string; write it as a list: [\"127.0.0.1:1\"]"},
        {"a store of no kind", "targets: {a: {driver: d}}\nstore: postgres://x\n",
         "'postgres://x' is no store: write memory, or sqlite:"},
        {"a store at a relative path", "targets: {a: {driver: d}}\nstore: sqlite:x.db\n",
         "s.yaml:2:1: 'sqlite:x.db' is no store"},
        {"a key of the store that is none", "targets: {a: {driver: d}}\nstore_key: [hunter2]\n",
         "s.yaml:2:13: that is not 32 bytes in base64, as openssl rand -base64 32 makes them"},
        {"a store that is a folder", "targets: {a: {driver: d}}\nstore: sqlite:/x/\n", "is no store"},
        {"a history of nothing", "targets: {a: {driver: d}}\nhistory: {count: 0}\n", "s.yaml:2"},
        {"another word for what becomes of operations", "targets: {a: {driver: d}}\nafter_restart: go on\n", "after_restart"},
        {"a time that must not be zero", "targets: {a: {driver: d}}\nshutdown_grace: 0s\n", "must be more than 0"},
        {"a delay without unit", "targets: {a: {driver: d}}\nshutdown_delay: 0\n", "write it as in \"0s\""},
        {"a time without unit", "targets: {a: {driver: d}}\nshutdown_grace: 30\n", "write it as in \"30s\""},
        {"a size that is a number", "targets: {a: {driver: d}}\nlimits: {memory: 5}\n", "write it as in \"60MiB\""},
        {"a process's size that is a number", "targets: {a: {driver: d, process: {memory: 5}}}\n", "write it as in \"512MiB\""},
        {"a socket without a path", "targets: {a: {driver: d}}\nlisten: [{group: root}]\n", "listen[0].unix"},
        {"unknown key", "targets: {a: {driver: d}}\nlisten_on: []\n", "s.yaml:2:1: "},
        {"unknown key is named", "targets: {a: {driver: d}}\nlistn: []\n", "did you mean 'listen'?"},
        {"no isolation", "targets: {a: {driver: d, isolation: jail}}\n", "s.yaml:1:26: "},
        {"limits of a process with isolation: none", "targets: {a: {driver: d, isolation: none, process: {cpu: 1s}}}\n",
         "s.yaml:1:43: target 'a': with isolation: none there is no process to set anything for: remove one of the two"},
        {"an unknown user", "targets: {a: {driver: d, process: {user: nobody-at-all}}}\n",
         "s.yaml:1:36: target 'a': there is no user 'nobody-at-all' on this machine"},
        {"too little memory", "targets: {a: {driver: d, process: {memory: 1MiB}}}\n",
         "s.yaml:1:36: target 'a': a driver's process needs 64MiB to begin with"},
        {"parts of a second", "targets: {a: {driver: d, process: {cpu: 1500ms}}}\n",
         "s.yaml:1:36: target 'a': processor time is counted in whole seconds"},
        {"key given twice", "threads: 1\nthreads: 2\ntargets: {a: {driver: d}}\n", "s.yaml:2:1: "},
        {"wrong type", "targets: {a: {driver: d}}\nthreads: many\n", "s.yaml:2:"},
        {"out of range", "targets: {a: {driver: d}}\nthreads: 0\n", "s.yaml:2:"},
        {"unknown log level", "targets: {a: {driver: d}}\nlog_level: loud\n", "\"error\", \"off\", and is \"loud\""},
        {"relative driver path", "targets: {a: {driver: d}}\ndriver_path: [drivers]\n",
         "'driver_path[0]' must be an absolute path: one that begins with /, and is \"drivers\""},
        {"size without unit", "targets: {a: {driver: d}}\nlimits: {body: '8'}\n", "'8' is not a size"},
        {"size with a wrong unit", "targets: {a: {driver: d}}\nlimits:\n  body: 8MB\n", "s.yaml:3:"},
        {"no time", "targets: {a: {driver: d}}\nlimits: {idle_time: 0s}\n", "'0s' is too small: a time must be more than 0"},
        {"no size", "targets: {a: {driver: d}}\nlimits: {body: 0B}\n", "'0B' is too small: a size must be more than 0"},
        {"a huge time", "targets: {a: {driver: d}}\nshutdown_grace: 99999999999999999999h\n",
         "'99999999999999999999h' is too large: its number may be 2147483647 at most"},
        {"no connections", "targets: {a: {driver: d}}\nlimits: {connections: 0}\n", "s.yaml:2:10: "},
        {"no requests", "targets: {a: {driver: d}}\nlimits: {requests: 0}\n", "s.yaml:2:10: "},
        {"connections by name", "targets: {a: {driver: d}}\nlimits: {connections: many}\n", "s.yaml:2:10: "},
        {"bodies without unit", "targets: {a: {driver: d}}\nlimits: {bodies: '9'}\n", "'9' is not a size"},
        {"bodies that hold less than a body", "targets: {a: {driver: d}}\nlimits: {body: 9MiB, memory: 1MiB, bodies: 8MiB}\n",
         "bodies is less than one request may take"},
        {"bodies that hold less than a body's values", "targets: {a: {driver: d}}\nlimits: {bodies: 59MiB}\n", "s.yaml:2:10: "},
        {"no response time", "targets: {a: {driver: d}}\nlimits: {response_time: 0s}\n", "'0s' is too small"},
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
        {"target is not a mapping", "targets:\n  a: dryrun\n", "s.yaml:2:3: target 'a': a target is a mapping"},
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
        {"a credential below a key with a tilde",
         "targets:\n  a:\n    driver: d\n    settings:\n      x~y:\n      - \"${credential:nowhere}\"\n", "s.yaml:6:9: "},
        {"a setting of a target whose name has a slash and a tilde", "targets:\n  a/b~:\n    driver: d\n    queue: x\n",
         "s.yaml:4:5: target 'a/b~': 'queue' must be integer"},
        {"no such secret shown", "targets: {a: {driver: d}}\nthreads: [1]\n", "s.yaml:2:"},
    }));
    INFO(row.name);
    CHECK_THAT(mistakes(row.text), ContainsSubstring(row.says));
}

TEST_CASE("no mistake shows a key of the store") {
    for (const char *wrong : {"hunter2", "[hunter2]", "[[hunter2]]", "{hunter2: hunter2}", "[1, hunter2]"}) {
        const std::string text = mistakes("targets: {a: {driver: d}}\nstore_key: " + std::string(wrong) + "\n");
        INFO(text);
        CHECK_THAT(text, ContainsSubstring("s.yaml:2:") && !ContainsSubstring("hunter2"));
    }
}

TEST_CASE("all mistakes of a file are told at once, in the order of the file") {
    const Result<Settings> settings = parse_settings("threads: 0\n"
                                                     "unknwon: 1\n"
                                                     "limits: {body: x}\n"
                                                     "listen:\n"
                                                     "- {unix: relative}\n"
                                                     "- 0.0.0.0:1\n"
                                                     "- 127.0.0.1:1\n"
                                                     "hosts: [a.example, 7, 'b:1']\n"
                                                     "targets:\n"
                                                     "  a: {driver: d, timeout: y, queue: z}\n"
                                                     "  B: {driver: d, isolatoin: none}\n"
                                                     "  c: text\n"
                                                     "  d:\n"
                                                     "    driver: d\n"
                                                     "    settings: {token: '${credential:none}'}\n"
                                                     "default_target: e\n",
                                                     "s.yaml");
    REQUIRE(!settings);
    std::vector<std::pair<std::size_t, std::string>> places;
    for (const Error &cause : settings.error().causes) places.emplace_back(cause.place.line, cause.place.pointer);
    CHECK(places == std::vector<std::pair<std::size_t, std::string>>{{1, "/threads"},
                                                                     {2, "/unknwon"},
                                                                     {3, "/limits/body"},
                                                                     {5, "/listen/0/unix"},
                                                                     {6, "/listen/1"},
                                                                     {8, "/hosts/1"},
                                                                     {8, "/hosts/2"},
                                                                     {10, "/targets/a/timeout"},
                                                                     {10, "/targets/a/queue"},
                                                                     {11, "/targets/B"},
                                                                     {11, "/targets/B/isolatoin"},
                                                                     {12, "/targets/c"},
                                                                     {15, "/targets/d/settings/token"},
                                                                     {16, "/default_target"}});
}

TEST_CASE("a bad target name, a bad size and a missing default target are told together") {
    const Result<Settings> settings =
        parse_settings("limits: {body: x}\ntargets:\n  a: {driver: d, timeout: y}\n  B: {driver: d}\n", "s.yaml");
    REQUIRE(!settings);
    REQUIRE(settings.error().causes.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(settings.error().causes[i].place.line == i + 1);
}

TEST_CASE("a consequence of another mistake is not told") {
    struct Row {
        const char *name, *text, *says;
    };
    const Row rows[] = {
        {"bodies, when body is not a size", "targets: {a: {driver: d}}\nlimits: {body: x, bodies: 1MiB, memory: 1MiB}\n",
         "s.yaml:2:10: 'x' is not a size"},
        {"an address, when insecure_listen is not a flag",
         "targets: {a: {driver: d}}\ninsecure_listen: maybe\nlisten: ['0.0.0.0:1']\n",
         "s.yaml:2:1: 'insecure_listen' must be boolean"},
        {"a default target that has a mistake", "targets: {a: {driver: d, queue: x}, b: {driver: d}}\ndefault_target: a\n",
         "s.yaml:1:26: target 'a': 'queue' must be integer"},
        {"a default target of the wrong type", "targets: {a: {driver: d}, b: {driver: d}}\ndefault_target: 1\n",
         "s.yaml:2:1: 'default_target' must be string"},
        {"a default target, when targets has the wrong type", "targets: []\ndefault_target: a\n",
         "s.yaml:1:1: 'targets' must be object"},
        {"limits of the wrong type", "targets: {a: {driver: d}}\nlimits: 1\n", "s.yaml:2:1: 'limits' must be object"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::string text = mistakes(row.text);
        CHECK_THAT(text, StartsWith(row.says));
        CHECK_THAT(text, !ContainsSubstring("\n"));
    }
}

TEST_CASE("a draft keeps the settings without mistakes, and every target by its name") {
    const Draft draft = draft_settings("threads: 0\nlog_level: debug\ndriver_path: [/a, b]\nlimits: {body: x, depth: 9}\n"
                                       "targets:\n  a: {driver: d, queue: x, settings: {b: c}}\n  B: 1\n",
                                       "s.yaml");
    CHECK(draft.mistakes.size() == 7);
    CHECK(draft.settings.log_level == "debug");
    CHECK(draft.settings.driver_path == std::vector<std::filesystem::path>{"/a"});
    CHECK(draft.settings.limits.parse.depth == 9);
    CHECK(draft.settings.limits.body == HttpLimits{}.body);
    REQUIRE(draft.settings.targets.size() == 2);
    CHECK(draft.settings.targets[0].driver == "d");
    CHECK(draft.settings.targets[0].settings == json::object{{"b", "c"}});
    CHECK(draft.settings.targets[1].name == "B");
    CHECK(draft.settings.targets[1].driver.empty());
}

TEST_CASE("a file that is no regular file of settings is an error with its name, at once") {
    const rsf::test::TempFolder folder;
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
    const Result<Document> document = read_yaml(rsf::test::read_file(std::filesystem::path(shipped)), Limits{});
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

TEST_CASE("several complaints of a driver get a place and the target's name each") {
    const Result<Settings> settings =
        parse_settings("targets:\n  a:\n    driver: d\n    settings:\n      x/y: 1\n      x~y: 2\n", "s.yaml");
    REQUIRE(settings.has_value());
    const Error both{Code::invalid,
                     "they do not fit",
                     {},
                     {{Code::invalid, "one", {.pointer = "/x~1y"}, {}}, {Code::invalid, "two", {.pointer = "/x~0y"}, {}}}};
    const std::vector<Error> errors = settings->each_located(both, settings->targets.at(0));
    REQUIRE(errors.size() == 2);
    CHECK(to_string(errors[0]) == "s.yaml:5:7: target 'a': one");
    CHECK(to_string(errors[1]) == "s.yaml:6:7: target 'a': two");
}

TEST_CASE("a cause that is about another file keeps its place") {
    const Settings settings = parse_settings("targets:\n  a:\n    driver: d\n", "s.yaml").value();
    const Error missing = not_found("there is no driver 'd'").because({invalid("it is no driver").in_file("/x/bad.so")});
    CHECK(to_string(settings.located(missing, settings.targets.at(0), "driver")) ==
          "s.yaml:3:5: target 'a': there is no driver 'd'\n  /x/bad.so: it is no driver");
}

TEST_CASE("addresses of different sockets are no mistake, and port 0 is another one each time") {
    CHECK(
        parse_settings("targets: {a: {driver: d}}\nlisten: ['127.0.0.1:0', '127.0.0.1:0', '127.0.0.1:1', '[::1]:1', 'unix:/x']\n",
                       "s.yaml")
            .has_value());
}

TEST_CASE("log_level: off needs no quotes, though YAML reads it as a boolean") {
    CHECK(parse_settings("targets: {a: {driver: d}}\nlog_level: off\n", "s.yaml").value().log_level == "off");
    CHECK_THAT(mistakes("targets: {a: {driver: d}}\nlog_level: on\n"), ContainsSubstring("'log_level'"));
}
