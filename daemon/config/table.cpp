// SPDX-License-Identifier: Apache-2.0
#include "config/table.hpp"

#include "config/checks.hpp"
#include "config/slot.hpp"

#include <array>
#include <utility>

namespace rsf::config {

namespace json = boost::json;

namespace {

using Type = Form::Type;

constexpr std::array<std::string_view, 6> log_levels{"trace", "debug", "info", "warning", "error", "off"};
constexpr std::array<std::string_view, 4> log_formats{"automatic", "text", "json", "journal"};
constexpr std::array<std::string_view, 2> isolations{"process", "none"};
constexpr std::array<std::string_view, 2> strategies{"create-replace", "apply"};

constexpr std::array<std::string_view, 2> restart_words{"resume", "stop"};

constexpr Form count(std::string_view standard, std::uint64_t least, std::uint64_t most) {
    return {.type = Type::count, .standard = standard, .least = least, .most = most};
}
constexpr Form size(std::string_view standard) { return {.type = Type::size, .standard = standard}; }
constexpr Form time(std::string_view standard) { return {.type = Type::time, .standard = standard}; }

// A setting of the file, and of a target, fills the member at Path.
template <auto... Path> constexpr Slot<Settings> in_file = slot<Settings, Path...>;
template <auto... Path> constexpr Slot<Settings> in_limits = slot<Settings, &Settings::limits, Path...>;
template <auto... Path> constexpr Slot<TargetSettings> in_target = slot<TargetSettings, Path...>;

using http::HttpLimits;
using process::ProcessLimits;

constexpr Setting<Settings> file_settings[] = {
    {.key = "listen",
     .form = {.type = Type::addresses, .standard = R"(["127.0.0.1:8080"])"},
     .slot = in_file<&Settings::listen>,
     .change = Change::restart,
     .text = "Where to serve: a list of `host:port`, `[v6]:port`, `unix:/path`, `systemd` for every socket that systemd passes, "
             "or `systemd:NAME` for those whose unit says `FileDescriptorName=NAME`. A unix socket can have an owner, a group "
             "and a mode: `{unix: /run/resourcifier/api.sock, group: deployers, mode: \"0660\"}`.",
     .check = check_listen},
    {.key = "insecure_listen",
     .form = {.type = Type::flag, .standard = "false"},
     .slot = in_file<&Settings::insecure_listen>,
     .change = Change::restart,
     .text = "Whether `listen` may have addresses that other machines can reach. Clients are not authenticated yet: a client "
             "that can connect can do what the daemon can."},
    {.key = "hosts",
     .form = {.type = Type::texts, .standard = "[]"},
     .slot = in_file<&Settings::hosts>,
     .text = "Hosts that requests may name besides `localhost`, `127.0.0.1` and `[::1]`, as names or addresses without a port. "
             "A loopback address answers 421 to any other host, so that no page in a browser reaches it under a name of its "
             "own. A proxy that passes on the `Host` of its clients needs that name here. An address that other machines can "
             "reach checks the host only if this list has an entry, a unix socket never.",
     .check = check_hosts},
    {.key = "threads",
     .form = count("2", 1, 256),
     .slot = in_file<&Settings::threads>,
     .change = Change::restart,
     .text = "Threads that serve connections. Targets have threads of their own."},
    {.key = "log_level",
     .form = {.type = Type::word, .standard = "info", .words = log_levels},
     .slot = in_file<&Settings::log_level>,
     .text = "How much is logged."},
    {.key = "log_format",
     .form = {.type = Type::word, .standard = "automatic", .words = log_formats},
     .slot = in_file<&Settings::log_format>,
     .change = Change::restart,
     .text = "`text` and `json` are lines on standard error. `journal` is systemd's journal, with fields. `automatic` is the "
             "journal if standard error goes there, as it does in the service, and `text` otherwise."},
    {.key = "shutdown_delay",
     .form = {.type = Type::time, .standard = "0s", .may_be_zero = true},
     .slot = in_file<&Settings::shutdown_delay>,
     .text = "How long `/readyz` says that the daemon is going down before it stops accepting, so that load balancers send "
             "their requests elsewhere first. A second SIGTERM ends the delay. Raise `TimeoutStopSec=` of the service with it."},
    {.key = "shutdown_grace",
     .form = time("30s"),
     .slot = in_file<&Settings::shutdown_grace>,
     .text = "How long running operations may take after SIGTERM before they are stopped. They go on when the daemon is started "
             "again; with `store: memory` they are cancelled. Raise `TimeoutStopSec=` of the service with it."},
    {.key = "store",
     .form = {.type = Type::text, .example = "sqlite:/var/lib/resourcifier/resourcifierd.db"},
     .slot = in_file<&Settings::store>,
     .change = Change::restart,
     .text = "Where operations are kept: `sqlite:/path` is a file of this daemon's own, in a folder that it may write; `memory` "
             "survives nothing. Without it, `resourcifierd.db` in the state folder that the service manager gives, as the "
             "packaged service has one; where there is none, `memory`.",
     .check = check_store},
    {.key = "store_key",
     .form = {.type = Type::texts, .standard = "[]", .example = R"(["${credential:store.key}"])", .is_secret = true},
     .slot = in_file<&Settings::store_keys>,
     .change = Change::restart,
     .text = "Keys that seal, in the file of the store, what an operation writes: 32 bytes in base64 each, as `openssl rand "
             "-base64 32` makes them, from a credential. The first one seals; the others open what was sealed before, so that a "
             "new key is put in front, and an old one is removed once no operation is under way that it sealed. Without a key, "
             "configurations stand in the file, which only the daemon's user may read, until their operations have ended.",
     .check = check_store_keys},
    {.key = "history",
     .form = {.type = Type::group, .standard = "{}"},
     .text = "Which operations are kept after they have ended: those that are within both."},
    {.key = "history.operations",
     .form = time("90d"),
     .slot = in_file<&Settings::history_time>,
     .change = Change::restart,
     .text = "For how long, from when they were accepted."},
    {.key = "history.count",
     .form = count("100000", 1, 100'000'000),
     .slot = in_file<&Settings::history_count>,
     .change = Change::restart,
     .text = "How many of the newest. In memory, fewer where they take more than 64MiB."},
    {.key = "after_restart",
     .form = {.type = Type::word, .standard = "resume", .words = restart_words},
     .slot = in_file<&Settings::after_restart>,
     .change = Change::restart,
     .text = "What becomes of operations that had not ended when the daemon did. Either way the daemon looks for what became of "
             "each resource first. `resume` then does what was not done; `stop` does nothing more."},
    {.key = "driver_path",
     .form = {.type = Type::texts, .standard = R"(["/usr/lib/resourcifier/drivers"])", .pattern = "^/"},
     .slot = in_file<&Settings::driver_path>,
     .text = "Folders that drivers, `*.so`, are loaded from. The first folder that holds a driver of a name wins. Root or the "
             "daemon's user must own each folder and each file, and no other user may write them. The service may execute "
             "files below `/usr` and `/opt` only."},
    {.key = "limits",
     .form = {.type = Type::group, .standard = "{}"},
     .text = "What one request may cost, and all together. More is refused before anything is done."},
    {.key = "limits.body", .form = size("8MiB"), .slot = in_limits<&HttpLimits::body>, .text = "Bytes of a request's body."},
    {.key = "limits.memory",
     .form = size("60MiB"),
     .slot = in_limits<&HttpLimits::parse, &parse::Limits::bytes>,
     .text = "Memory that the values of one body may take, about, with YAML aliases expanded."},
    {.key = "limits.nodes",
     .form = count("1000000", 100, 100'000'000),
     .slot = in_limits<&HttpLimits::parse, &parse::Limits::nodes>,
     .text = "Values in one body, with YAML aliases expanded."},
    {.key = "limits.depth",
     .form = count("64", 4, 400),
     .slot = in_limits<&HttpLimits::parse, &parse::Limits::depth>,
     .text = "Lists and mappings inside one another."},
    {.key = "limits.resources",
     .form = count("10000", 1, 1'000'000),
     .slot = in_limits<&HttpLimits::parse, &parse::Limits::resources>,
     .text = "Resources in one configuration."},
    {.key = "limits.headers",
     .form = size("16KiB"),
     .slot = in_limits<&HttpLimits::headers>,
     .text = "Bytes of a request's line and headers."},
    {.key = "limits.header_count",
     .form = count("100", 8, 10'000),
     .slot = in_limits<&HttpLimits::header_count>,
     .text = "Headers of a request."},
    {.key = "limits.header_time",
     .form = time("10s"),
     .slot = in_limits<&HttpLimits::header_time>,
     .text = "From a request's first byte to the end of its headers."},
    {.key = "limits.request_time",
     .form = time("30s"),
     .slot = in_limits<&HttpLimits::request_time>,
     .text = "From a request's first byte to the end of its body."},
    {.key = "limits.response_time",
     .form = time("60s"),
     .slot = in_limits<&HttpLimits::response_time>,
     .text = "From an answer's first byte to its last. A client that reads more slowly is cut off."},
    {.key = "limits.idle_time",
     .form = time("100s"),
     .slot = in_limits<&HttpLimits::idle_time>,
     .text = "A connection without a request is closed after this. Clients written in Go, such as Deployment Manager's "
             "manager, keep theirs for 90s and lose a request that crosses an earlier close."},
    {.key = "limits.connections",
     .form = count("4000", 1, 1'000'000),
     .slot = in_limits<&HttpLimits::connections>,
     .text = "Connections that may be open. At the limit, the one that has been idle the longest is closed for a new one, or "
             "else the new one is answered 503."},
    {.key = "limits.requests",
     .form = count("1000", 1, 1'000'000),
     .slot = in_limits<&HttpLimits::requests>,
     .text = "Requests that may run or wait, on all targets together. One more is answered 503."},
    {.key = "limits.bodies",
     .form = size("256MiB"),
     .slot = in_limits<&HttpLimits::bodies>,
     .text = "Memory that the bodies of all requests and answers may take together, with what is made of them. What does not "
             "fit is answered 503.",
     .check = check_bodies},
    {.key = "default_target",
     .form = {.type = Type::text, .example = "scratch"},
     .slot = in_file<&Settings::default_target>,
     .text = "The target that `/configurations` means. Needed when there are several targets.",
     .check = check_default_target},
    {.key = "targets",
     .form = {.type = Type::open, .required = true},
     .slot = in_file<&Settings::targets>,
     .text = "Where to deploy to: a name of your choice for each cluster, which is also its place in URLs, "
             "`/targets/NAME/configurations`.",
     .check = check_targets},
};

constexpr Setting<TargetSettings> target_settings[] = {
    {.key = "driver",
     .form = {.type = Type::text, .required = true, .example = "dryrun"},
     .slot = in_target<&TargetSettings::driver>,
     .text = "The name of a driver, as `resourcifierd drivers list` shows it, or the absolute path of its file."},
    {.key = "isolation",
     .form = {.type = Type::word, .standard = "process", .words = isolations},
     .slot = in_target<&TargetSettings::isolation>,
     .text = "Where the driver runs. `process` is a process of its own: when it ends, only the calls in it are lost. `none` is "
             "in the daemon."},
    {.key = "process",
     .form = {.type = Type::group, .standard = "{}"},
     .text = "What the driver's own process may have, all of it optional.",
     .check = check_process},
    {.key = "process.user",
     .form = {.type = Type::text, .example = "resourcifier-prod"},
     .slot = in_target<&TargetSettings::process, &ProcessLimits::user>,
     .text = "The user that it runs as; without it, the daemon's. The daemon must be root for this, which the packaged service "
             "is not.",
     .check = check_user},
    {.key = "process.memory",
     .form = {.type = Type::size, .example = "512MiB"},
     .slot = in_target<&TargetSettings::process, &ProcessLimits::memory>,
     .text = "Memory for its data, without shared memory, from 64MiB; without it, no limit. A call that needs more ends the "
             "process. Half of it is for lists that it makes at once.",
     .check = check_memory},
    {.key = "process.cpu",
     .form = {.type = Type::time, .example = "30s"},
     .slot = in_target<&TargetSettings::process, &ProcessLimits::cpu>,
     .text = "Processor time in each minute of its life, in whole seconds; without it, no limit. A process that takes more is "
             "ended."},
    {.key = "concurrency",
     .form = count("16", 1, 1024),
     .slot = in_target<&TargetSettings::limits, &TargetLimits::concurrency>,
     .text = "Calls to the cluster at once. A driver that can't do that gets one at a time."},
    {.key = "queue",
     .form = count("256", 1, 100'000),
     .slot = in_target<&TargetSettings::limits, &TargetLimits::queue>,
     .text = "Requests that may run or wait on this target. One more is answered 503."},
    {.key = "timeout",
     .form = time("60s"),
     .slot = in_target<&TargetSettings::limits, &TargetLimits::timeout>,
     .text = "How long one call to the driver may take."},
    {.key = "answer_within",
     .form = {.type = Type::time, .standard = "0s", .may_be_zero = true},
     .slot = in_target<&TargetSettings::limits, &TargetLimits::answer_within>,
     .text = "How long a client waits for an answer, whatever number of calls and however long a queue that takes. A read or a "
             "plan that takes longer is ended, and answered 504. A write goes on, and is answered 202 with how far each resource "
             "is. `0s`: as long as it takes."},
    {.key = "strategy",
     .form = {.type = Type::word, .example = "create-replace", .words = strategies},
     .slot = in_target<&TargetSettings::strategy>,
     .text = "What POST and PUT do. `create-replace`, which is the default, creates with POST and replaces with PUT. With "
             "`apply`, both create or change, and leave alone what is not mentioned. A target over another one does as that "
             "one does, unless it is set."},
    {.key = "settings",
     .form = {.type = Type::open, .standard = "{}"},
     .slot = in_target<&TargetSettings::settings>,
     .text =
         "What the driver takes, as `resourcifierd drivers describe NAME` shows it. In texts here, `${credential:NAME}` "
         "stands for the content of a credential of that name, and `${credential_file:NAME}` for the path of its file. systemd "
         "passes credentials with `LoadCredential=`."},
};

// Groups stand before the settings in them.
template <class Record> json::object schema_of_table(std::span<const Setting<Record>> table) {
    json::object schema{{"type", "object"}, {"additionalProperties", false}};
    json::array required;
    json::object properties;
    for (const Setting<Record> &setting : table) {
        if (setting.form.required) required.emplace_back(setting.key);
        const std::size_t dot = setting.key.find('.');
        json::object &holder =
            dot == setting.key.npos ? properties : properties.at(setting.key.substr(0, dot)).at("properties").as_object();
        holder[setting.key.substr(dot == setting.key.npos ? 0 : dot + 1)] = schema_of(setting.form, setting.text);
    }
    schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

} // namespace

std::span<const Setting<Settings>> file_table() { return file_settings; }

std::span<const Setting<TargetSettings>> target_table() { return target_settings; }

const json::object &settings_schema() {
    static const json::object schema = schema_of_table(file_table());
    return schema;
}

const json::object &target_schema() {
    static const json::object schema = schema_of_table(target_table());
    return schema;
}

std::vector<std::string_view> waiting_for_restart(const Settings &before, const Settings &after) {
    std::vector<std::string_view> keys;
    for (const Setting<Settings> &setting : file_table())
        if (setting.change == Change::restart && !setting.slot.same(before, after)) keys.push_back(setting.key);
    return keys;
}

void keep_until_restart(const Settings &from, Settings &to) {
    for (const Setting<Settings> &setting : file_table())
        if (setting.change == Change::restart) setting.slot.copy(from, to);
}

} // namespace rsf::config
