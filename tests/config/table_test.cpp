// SPDX-License-Identifier: Apache-2.0
#include "config/table.hpp"

#include "config/measure.hpp"
#include "config/shown.hpp"
#include "parse/document.hpp"
#include "support/catch.hpp"

#include <set>

using namespace rsf::base;
using namespace rsf::config;
using namespace std::chrono_literals;

namespace {

Settings settings_of(std::string_view text) { return parse_settings(text, "s.yaml").value(); }

// Every setting of the file has another value in one than in the other.
const char *const by_default = "targets: {a: {driver: d}}\n";
const char *const all_changed = R"(
listen: ["127.0.0.1:1"]
insecure_listen: true
hosts: [a.example]
threads: 3
log_level: debug
log_format: json
shutdown_delay: 1s
shutdown_grace: 1s
store: memory
store_key: [MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=]
history: {operations: 1d, count: 7}
after_restart: stop
driver_path: [/a]
limits: {body: 1KiB, memory: 2KiB, nodes: 1000, depth: 9, resources: 5, headers: 3KiB, header_count: 20, header_time: 1s,
         request_time: 2s, response_time: 3s, idle_time: 4s, connections: 77, requests: 33, bodies: 4KiB}
default_target: b
targets: {b: {driver: d}}
)";

// The same for a target, whose process has other limits (cpu, memory) too.
const char *const target_changed = R"(
targets:
  b: {driver: e, process: {memory: 64MiB, cpu: 1s}, concurrency: 2, queue: 3, timeout: 4s, answer_within: 5s, strategy: apply, settings: {x: 1}}
)";

// That each row fills a member, and no two the same.
template <class Record>
void check_slots(std::span<const Setting<Record>> table, const Record &before, const Record &after,
                 const std::set<std::string_view> &left_out) {
    std::vector<const Setting<Record> *> rows;
    for (const Setting<Record> &setting : table)
        if (setting.form.type != Form::Type::group && !left_out.contains(setting.key)) rows.push_back(&setting);
    for (const Setting<Record> *copied : rows) {
        Record record = before;
        copied->slot.copy(after, record);
        for (const Setting<Record> *looked_at : rows) {
            INFO(copied->key << " is copied, " << looked_at->key << " is compared");
            CHECK(looked_at->slot.same(before, record) == (looked_at != copied));
        }
    }
}

} // namespace

TEST_CASE("each row of the tables fills a member of its own") {
    check_slots(file_table(), settings_of(by_default), settings_of(all_changed), {});
    TargetSettings changed = settings_of(target_changed).targets.at(0);
    changed.isolation = rsf::process::Isolation::none; // which a file can't have together with process
    changed.process.user = "root";                     // which only root can have
    check_slots(target_table(), settings_of(by_default).targets.at(0), changed, {});
}

TEST_CASE("a setting that the file leaves out has the default of its structure") {
    const Settings settings = settings_of(by_default);
    CHECK(settings.limits == rsf::http::HttpLimits{});
    CHECK(settings.threads == Settings{}.threads);
    CHECK(settings.insecure_listen == Settings{}.insecure_listen);
    const TargetSettings &target = settings.targets.at(0);
    CHECK(target.limits == rsf::config::TargetLimits{});
    CHECK(target.process == rsf::process::ProcessLimits{});
    CHECK(target.isolation == TargetSettings{}.isolation);
    CHECK(target.strategy == TargetSettings{}.strategy);
}

TEST_CASE("settings are shown as a file that has them, with the defaults") {
    const auto own = [](const TargetSettings &target) { return target.settings; };
    const auto same = [](const auto table, const auto &one, const auto &other) {
        for (const auto &setting : table) {
            INFO(setting.key);
            if (setting.slot.same && setting.key != "targets") CHECK(setting.slot.same(one, other));
        }
    };
    const char *const socket =
        "listen: [{unix: /run/x, mode: \"0600\"}, \"unix:/run/y\", \"[::1]:1\"]\ntargets: {a: {driver: d}}\n";
    for (const char *text : {by_default, all_changed, target_changed, socket}) {
        INFO(text);
        const Settings settings = settings_of(text);
        boost::json::object all = shown(settings, own);
        if (const auto &keys = settings.store_keys.texts; !keys.empty()) {
            CHECK(all.at("store_key") == boost::json::array{"***"});
            all["store_key"] = boost::json::array(keys.begin(), keys.end());
        }
        const std::string written = rsf::parse::write_yaml(all);
        INFO(written);
        const Settings again = settings_of(written);
        same(file_table(), settings, again);
        same(target_table(), settings.targets.at(0), again.targets.at(0));
    }
    const boost::json::object all = shown(settings_of(by_default), own);
    CHECK(all.at("shutdown_delay") == "0s");
    CHECK(all.at("limits").at("body") == "8MiB");
    CHECK(all.at("targets").at("a").at("timeout") == "60s");
    CHECK(all.at("default_target") == "a"); // the only one
    CHECK_FALSE(all.at("targets").at("a").as_object().contains("strategy"));
}

TEST_CASE("the schemas have each setting with its type, default and bounds") {
    const auto at = [](const boost::json::object &schema, std::string_view key) {
        return schema.at("properties").as_object().at(key).as_object();
    };
    CHECK(at(settings_schema(), "threads") == boost::json::object{{"type", "integer"},
                                                                  {"minimum", 1},
                                                                  {"maximum", 256},
                                                                  {"default", 2},
                                                                  {"description", "Threads that serve connections. Targets have "
                                                                                  "threads of their own."}});
    CHECK(at(at(settings_schema(), "limits"), "body").at("default") == "8MiB");
    CHECK(settings_schema().at("required") == boost::json::array{"targets"});
    CHECK(target_schema().at("required") == boost::json::array{"driver"});
    CHECK(at(at(target_schema(), "process"), "memory").at("examples") == boost::json::array{"512MiB"});
}

TEST_CASE("settings that only a restart changes are named, and stay until then") {
    const Settings before = settings_of(by_default);
    Settings after = settings_of(all_changed);
    CHECK(waiting_for_restart(before, after) ==
          std::vector<std::string_view>{"listen", "insecure_listen", "threads", "log_format", "store", "store_key",
                                        "history.operations", "history.count", "after_restart"});
    CHECK(waiting_for_restart(before, before).empty());
    keep_until_restart(before, after);
    CHECK(waiting_for_restart(before, after).empty());
    CHECK(after.threads == before.threads);
    CHECK(after.log_level == "debug");
    CHECK(after.hosts == std::vector<std::string>{"a.example"});
}

TEST_CASE("sizes and times are whole numbers with a unit") {
    CHECK(size_of("3B").value() == 3u);
    CHECK(size_of("2GiB").value() == std::size_t{2} << 30);
    CHECK(time_of("250ms").value() == 250ms);
    CHECK(time_of("2h").value() == 2h);
    CHECK(time_of("90d").value() == 2160h);
    for (const char *text : {"", "8", "MiB", "0B", "-1B", "1.5MiB", "8 MiB", "8MB", "2147483648B", "99999999999999999999B"}) {
        INFO(text);
        CHECK(!size_of(text));
    }
    for (const char *text : {"", "8", "s", "0s", "1.5s", "1m", "1w"}) {
        INFO(text);
        CHECK(!time_of(text));
    }
}
