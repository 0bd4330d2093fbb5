// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "base/regular_file.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "drivers/settings_schema.hpp"
#include "http/hosts.hpp"
#include "parse/place_trail.hpp"

#include <boost/json/parse.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <system_error>

namespace rsf::config {

namespace {

namespace json = boost::json;

constexpr std::size_t largest_file = std::size_t{4} << 20; // bytes

constexpr std::string_view file_schema_text = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["targets"],
  "properties": {
    "listen": {
      "type": "array", "default": ["127.0.0.1:8080"],
      "items": {
        "type": ["string", "object"], "additionalProperties": false, "minLength": 1, "required": ["unix"],
        "properties": {
          "unix": {"type": "string", "pattern": "^/", "description": "The path of a socket to be made."},
          "owner": {"type": "string", "minLength": 1, "description": "The user whose it becomes."},
          "group": {"type": "string", "minLength": 1, "description": "The group whose it becomes."},
          "mode": {"type": "string", "pattern": "^0?[0-7]{3}$", "default": "0660", "description": "Who may connect: who may write it."}
        }
      },
      "description": "Where to serve: host:port, [v6]:port, unix:/path, {unix: /path, owner, group, mode}, or what systemd passes: systemd, or systemd:NAME of one socket."
    },
    "insecure_listen": {
      "type": "boolean", "default": false,
      "description": "Serve also where other machines can connect, though nobody is asked who they are."
    },
    "hosts": {
      "type": "array", "items": {"type": "string", "minLength": 1}, "default": [],
      "description": "Hosts that requests may name beside localhost, 127.0.0.1 and [::1], without a port. Loopback addresses answer to no others; addresses in the network do unless some are given."
    },
    "default_target": {
      "type": "string", "minLength": 1,
      "description": "What /configurations means. Needed when there are several targets."
    },
    "driver_path": {
      "type": "array", "items": {"type": "string", "pattern": "^/"}, "default": ["/usr/lib/resourcifier/drivers"],
      "description": "Folders that drivers (*.so) are loaded from; the first that holds a driver of a name wins."
    },
    "threads": {
      "type": "integer", "minimum": 1, "maximum": 256, "default": 2,
      "description": "Threads that serve connections. Targets have their own."
    },
    "log_level": {
      "type": "string", "enum": ["trace", "debug", "info", "warning", "error", "off"], "default": "info",
      "description": "How much is logged."
    },
    "log_format": {
      "type": "string", "enum": ["automatic", "text", "json", "journal"], "default": "automatic",
      "description": "Lines on standard error as text or as JSON, or systemd's journal with fields; automatic: the journal if standard error goes there, else text."
    },
    "shutdown_grace": {
      "type": "string", "default": "30s",
      "description": "After SIGTERM, how long running operations may take before they are cancelled."
    },
    "limits": {
      "type": "object", "additionalProperties": false, "default": {},
      "description": "What one request may cost, and all together.",
      "properties": {
        "body": {"type": "string", "default": "8MiB", "description": "Bytes of a request's body."},
        "depth": {"type": "integer", "minimum": 4, "maximum": 400, "default": 64,
                  "description": "Lists and mappings inside one another."},
        "resources": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000,
                      "description": "Resources in one configuration."},
        "nodes": {"type": "integer", "minimum": 100, "maximum": 100000000, "default": 1000000,
                  "description": "Values in one body, YAML aliases expanded."},
        "memory": {"type": "string", "default": "60MiB",
                   "description": "Memory that one body's values may take, about, YAML aliases expanded."},
        "headers": {"type": "string", "default": "16KiB", "description": "Bytes of a request's line and headers."},
        "header_count": {"type": "integer", "minimum": 8, "maximum": 10000, "default": 100,
                         "description": "Headers of a request."},
        "header_time": {"type": "string", "default": "10s", "description": "From a request's first byte to the end of its headers."},
        "request_time": {"type": "string", "default": "30s", "description": "From a request's first byte to the end of its body."},
        "response_time": {"type": "string", "default": "60s", "description": "From an answer's first byte to its last: a client that reads slower is cut off."},
        "idle_time": {"type": "string", "default": "100s", "description": "A connection without a request is closed after this. Below 90s, clients written in Go lose a request now and then."},
        "connections": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 4000,
                        "description": "Connections that may be open. At the limit the one that has been idle the longest is closed for a new one."},
        "requests": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1000,
                     "description": "Requests that may be worked on, or wait for it, on all targets together; one more is answered 503."},
        "bodies": {"type": "string", "default": "256MiB",
                   "description": "Memory that the bodies of all requests and answers may take together, with what is made of them; what does not fit is answered 503."}
      }
    },
    "targets": {
      "type": "object", "additionalProperties": true,
      "description": "Where to deploy to: a name of your choice for each cluster."
    }
  }
})";

constexpr std::string_view target_schema_text = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["driver"],
  "properties": {
    "driver": {
      "type": "string", "minLength": 1,
      "description": "A driver's name (see: resourcifierd drivers list), or the absolute path of a .so."
    },
    "isolation": {
      "type": "string", "enum": ["process", "none"], "default": "process",
      "description": "Where the driver lives: in a process of its own, whose end costs only what it is doing, or in the daemon."
    },
    "process": {
      "type": "object", "additionalProperties": false, "default": {},
      "description": "What the driver's own process may have.",
      "properties": {
        "user": {"type": "string", "minLength": 1, "description": "Whom it runs as; without it, as the daemon does."},
        "memory": {"type": "string", "examples": ["512MiB"], "description": "Memory for its data, without shared memory; a call that needs more ends the process. Without it: no limit."},
        "cpu": {"type": "string", "examples": ["30s"], "description": "Processor time in each minute of its life; a process that takes more is ended. Without it: no limit."}
      }
    },
    "concurrency": {
      "type": "integer", "minimum": 1, "maximum": 1024, "default": 16,
      "description": "Calls to the cluster at once. Drivers that can't do that get one at a time."
    },
    "queue": {
      "type": "integer", "minimum": 1, "maximum": 100000, "default": 256,
      "description": "Requests that may run or wait on this target; one more is answered 503."
    },
    "timeout": {"type": "string", "default": "60s", "description": "How long one call to the driver may take."},
    "strategy": {
      "type": "string", "enum": ["create-replace", "apply"],
      "description": "What POST and PUT do: create-replace, which is the default, or apply: both create or change. Over another target: that one's, unless set."
    },
    "settings": {
      "type": "object", "additionalProperties": true, "default": {},
      "description": "What the driver takes (see: resourcifierd drivers describe NAME)."
    }
  }
})";

constexpr std::uint64_t longest_time = 8760ull * 3'600'000; // so that no clock overflows
constexpr std::size_t least_memory = std::size_t{64} << 20; // less, and a driver's process can't even begin

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array size_units{Unit{"B", 1}, Unit{"KiB", 1u << 10}, Unit{"MiB", 1u << 20}, Unit{"GiB", 1u << 30}};
constexpr std::array time_units{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"min", 60'000}, Unit{"h", 3'600'000}};

// "30s" as 30,000; nothing when it is not a whole number and one of units.
std::optional<std::uint64_t> measure(std::string_view text, std::span<const Unit> units) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{}) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto known = std::ranges::find(units, unit, &Unit::name);
    if (known == units.end() || number == 0 || number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    return number * known->factor;
}

// Takes checked values out of the file's objects, and keeps what is wrong with them.
class Reader {
  public:
    Reader(const parse::Places &places, std::string file) : places_(places), file_(std::move(file)) {}

    // object with schema's defaults, or an empty one when it does not fit; what is wrong stands below pointer.
    json::object check(const json::object &schema, const json::object &object, std::string_view pointer) {
        Result<json::object> fit = drivers::apply_schema(schema, object);
        if (fit) return std::move(*fit);
        for (Error cause : fit.error().causes) {
            cause.place.pointer.insert(0, pointer);
            add(std::move(cause));
        }
        return {};
    }

    std::size_t size(const json::object &object, std::string_view key, std::string_view pointer) {
        return measured(object, key, pointer, size_units, "a size: write a whole number and B, KiB, MiB or GiB, as in 8MiB");
    }

    std::chrono::milliseconds time(const json::object &object, std::string_view key, std::string_view pointer) {
        const std::uint64_t time =
            measured(object, key, pointer, time_units, "a time: write a whole number and ms, s, min or h, as in 30s");
        if (time > longest_time) add("that is more than a year (8760h)", std::string(pointer) + "/" + std::string(key));
        return std::chrono::milliseconds{std::min(time, longest_time)};
    }

    void add(std::string message, std::string pointer) {
        add(Error{Code::invalid, std::move(message), {.pointer = std::move(pointer)}, {}});
    }

    void add(Error cause) {
        std::string pointer = std::move(cause.place.pointer);
        cause.place = places_.find(pointer);
        cause.place.file = file_;
        cause.place.pointer = std::move(pointer);
        problems_.push_back(std::move(cause));
    }

    const std::vector<Error> &problems() const { return problems_; }

    Error error() && {
        std::ranges::stable_sort(problems_, {},
                                 [](const Error &problem) { return std::pair(problem.place.line, problem.place.column); });
        if (problems_.size() == 1) return std::move(problems_.front());
        const std::string count = std::to_string(problems_.size());
        return {Code::invalid, "these settings have " + count + " mistakes", {.file = file_}, std::move(problems_)};
    }

  private:
    std::uint64_t measured(const json::object &object, std::string_view key, std::string_view pointer,
                           std::span<const Unit> units, std::string_view wanted) {
        const json::value *value = object.if_contains(key);
        if (!value) return 0; // reported already
        const std::string_view text = value->get_string();
        const std::optional<std::uint64_t> measure = config::measure(text, units);
        if (!measure) add(in_quotes(text) + " is not " + std::string(wanted), std::string(pointer) + "/" + std::string(key));
        return measure.value_or(0);
    }

    const parse::Places &places_;
    std::string file_;
    std::vector<Error> problems_;
};

std::size_t count(const json::object &object, std::string_view key) {
    return static_cast<std::size_t>(object.at(key).to_number<std::int64_t>());
}

template <class T> std::vector<T> texts(const json::value &list) {
    std::vector<T> out;
    for (const json::value &entry : list.get_array()) out.emplace_back(std::string(entry.get_string()));
    return out;
}

void read_listen(Reader &reader, const json::object &top, Settings &settings) {
    settings.insecure_listen = top.at("insecure_listen").get_bool();
    const json::array &entries = top.at("listen").get_array();
    if (entries.empty()) reader.add("there is no address to listen on", "/listen");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string pointer = "/listen/" + std::to_string(i);
        http::ListenAddress address("");
        if (const json::string *name = entries[i].if_string()) {
            address.name = *name;
            if (address.name.starts_with("unix:")) address.mode = 0660;
        } else {
            const json::object &socket = entries[i].get_object();
            const auto text = [&](const char *key) {
                const json::value *value = socket.if_contains(key);
                return value ? std::string(value->get_string()) : std::string();
            };
            address.name = "unix:" + text("unix");
            address.owner = text("owner");
            address.group = text("group");
            address.mode = static_cast<mode_t>(std::stoul(text("mode"), nullptr, 8));
        }
        if (const Result<void> good = judge(address, settings.insecure_listen); !good)
            reader.add(good.error().message, pointer);
        else
            settings.listen.push_back(std::move(address));
    }
}

void read_hosts(Reader &reader, const json::object &top, Settings &settings) {
    settings.hosts = texts<std::string>(top.at("hosts"));
    for (std::size_t i = 0; i < settings.hosts.size(); ++i) {
        const std::string &host = settings.hosts[i];
        const bool has_port = host.find(':') != host.npos && !host.ends_with(']');
        if (has_port || !http::host_of(host))
            reader.add(in_quotes(host) + " is not a host: write a name or an address without scheme, port and path, as in "
                                         "resourcifier.example.org or [fd00::1]",
                       "/hosts/" + std::to_string(i));
    }
}

http::HttpLimits read_limits(Reader &reader, const json::object &limits) {
    http::HttpLimits out;
    out.body = reader.size(limits, "body", "/limits");
    out.headers = reader.size(limits, "headers", "/limits");
    out.header_count = count(limits, "header_count");
    out.header_time = reader.time(limits, "header_time", "/limits");
    out.request_time = reader.time(limits, "request_time", "/limits");
    out.idle_time = reader.time(limits, "idle_time", "/limits");
    out.parse.depth = count(limits, "depth");
    out.parse.resources = count(limits, "resources");
    out.parse.nodes = count(limits, "nodes");
    out.parse.bytes = reader.size(limits, "memory", "/limits");
    out.response_time = reader.time(limits, "response_time", "/limits");
    out.connections = count(limits, "connections");
    out.requests = count(limits, "requests");
    out.bodies = reader.size(limits, "bodies", "/limits");
    if (out.bodies != 0 && out.bodies < std::max(out.body, out.parse.bytes))
        reader.add("bodies is less than one request may take: make it at least as large as body and memory", "/limits/bodies");
    return out;
}

// What a target may be called: it stands in URLs and log lines.
bool is_target_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= 63 && plain(name.front()) && plain(name.back()) &&
           std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

process::ProcessLimits read_process_limits(Reader &reader, const json::object &process, const std::string &pointer) {
    process::ProcessLimits limits;
    if (const json::value *user = process.if_contains("user")) {
        limits.user = user->get_string();
        if (!find_user(limits.user))
            reader.add("there is no user " + in_quotes(limits.user) + " on this machine", pointer + "/user");
        else if (::geteuid() != 0)
            reader.add("only a daemon that runs as root can run a driver as another user", pointer + "/user");
    }
    limits.memory = reader.size(process, "memory", pointer);
    if (limits.memory != 0 && limits.memory < least_memory)
        reader.add("a driver's process needs 64MiB to begin with", pointer + "/memory");
    const std::chrono::milliseconds cpu = reader.time(process, "cpu", pointer);
    limits.cpu = std::chrono::duration_cast<std::chrono::seconds>(cpu);
    if (cpu != limits.cpu) reader.add("processor time is counted in whole seconds", pointer + "/cpu");
    return limits;
}

// What a driver's settings say with the credentials that they refer to.
void fill_in(Reader &reader, Credentials &credentials, json::value &value, const std::string &pointer) {
    if (json::object *object = value.if_object()) {
        for (auto &[key, member] : *object) fill_in(reader, credentials, member, parse::below(pointer, key));
    } else if (json::array *array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            fill_in(reader, credentials, (*array)[i], pointer + "/" + std::to_string(i));
    } else if (const json::string *text = value.if_string()) {
        Result<std::string> filled = credentials.fill_in(*text);
        if (filled)
            value = *filled;
        else
            reader.add(filled.error().message, pointer);
    }
}

void read_target(Reader &reader, Credentials &credentials, Settings &settings, std::string_view name, const json::value &value) {
    const std::string pointer = parse::below("/targets", name);
    if (!is_target_name(name)) {
        reader.add(in_quotes(name) + " is not a name for a target: use lower-case letters, digits, '-', '_' and '.', at most 63",
                   pointer);
        return;
    }
    if (!value.is_object()) {
        reader.add("a target is a mapping with driver and settings", pointer);
        return;
    }
    json::object checked = reader.check(target_schema(), value.get_object(), pointer);
    if (checked.empty()) return;
    TargetSettings target;
    target.name = name;
    target.driver = checked.at("driver").get_string();
    target.isolation = checked.at("isolation").get_string() == "none" ? process::Isolation::none : process::Isolation::process;
    const json::object &process = checked.at("process").get_object();
    target.process = read_process_limits(reader, process, pointer + "/process");
    if (target.isolation == process::Isolation::none && !process.empty())
        reader.add("with isolation: none there is no process to be given anything: leave one of the two out",
                   pointer + "/process");
    target.limits.concurrency = count(checked, "concurrency");
    target.limits.queue = count(checked, "queue");
    target.limits.timeout = reader.time(checked, "timeout", pointer);
    if (const json::value *strategy = checked.if_contains("strategy")) target.strategy = run::strategy_of(strategy->get_string());
    fill_in(reader, credentials, checked.at("settings"), pointer + "/settings");
    target.settings = std::move(checked.at("settings").get_object());
    settings.targets.push_back(std::move(target));
}

void choose_default_target(Reader &reader, Settings &settings, const json::object &file) {
    if (const json::value *chosen = file.if_contains("default_target")) {
        settings.default_target = chosen->get_string();
        std::vector<std::string_view> names;
        for (const auto &entry : file.at("targets").get_object()) names.push_back(entry.key());
        if (std::ranges::find(names, settings.default_target) == names.end())
            reader.add(no_target(settings.default_target, names), "/default_target");
    } else if (settings.targets.size() == 1) {
        settings.default_target = settings.targets.front().name;
    } else if (settings.targets.size() > 1) {
        reader.add("there are several targets: say with default_target which one /configurations means", "/targets");
    }
}

Error whole_file(const std::filesystem::path &file, std::string message) {
    return {Code::invalid, std::move(message), {.file = file.string()}, {}};
}

} // namespace

const json::object &settings_schema() {
    static const json::object schema = json::parse(file_schema_text).as_object();
    return schema;
}

const json::object &target_schema() {
    static const json::object schema = json::parse(target_schema_text).as_object();
    return schema;
}

Error Settings::located(Error error, const TargetSettings &target, std::string_view key) const {
    const std::string place = parse::below(parse::below("/targets", target.name), key);
    const std::vector<std::string> known = drivers::searchable(secrets);
    const auto locate = [&](Error &one) {
        std::string pointer = place + one.place.pointer;
        one.place = places.find(pointer);
        one.place.file = file.string();
        one.place.pointer = std::move(pointer);
        one.message = drivers::without_secrets(one.message, known);
    };
    locate(error);
    for (Error &cause : error.causes) locate(cause);
    error.message = "target '" + target.name + "': " + error.message;
    return error;
}

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path &file, Credentials credentials) {
    Result<parse::Document> document = read_yaml(text, parse::Limits{}, std::numeric_limits<std::size_t>::max());
    if (!document) {
        Error error = std::move(document).error();
        error.place.file = file.string();
        return error;
    }
    if (!document->value.is_object())
        return whole_file(file, "the settings are not a mapping: write at least 'targets:' with one target");

    Settings settings;
    settings.file = file;
    settings.places = std::move(document->places);
    Reader reader(settings.places, file.string());
    json::object &given = document->value.get_object();
    // YAML takes an unquoted off for a boolean.
    if (json::value *level = given.if_contains("log_level"); level && *level == json::value(false)) *level = "off";
    const json::object top = reader.check(settings_schema(), given, "");
    if (top.empty()) return std::move(reader).error();

    read_listen(reader, top, settings);
    read_hosts(reader, top, settings);
    settings.threads = count(top, "threads");
    settings.driver_path = texts<std::filesystem::path>(top.at("driver_path"));
    settings.log_level = top.at("log_level").get_string();
    settings.log_format = top.at("log_format").get_string();
    settings.shutdown_grace = reader.time(top, "shutdown_grace", "");
    settings.limits = read_limits(reader, top.at("limits").get_object());
    for (const auto &[name, target] : top.at("targets").get_object()) read_target(reader, credentials, settings, name, target);
    if (top.at("targets").get_object().empty()) reader.add("there is no target: name at least one", "/targets");
    choose_default_target(reader, settings, top);
    if (!reader.problems().empty()) return std::move(reader).error();
    settings.secrets = credentials.secrets();
    return settings;
}

Result<Settings> read_settings(const std::filesystem::path &file) {
    const Result<std::string> text = read_regular_file(file, largest_file);
    if (!text) return whole_file(file, "the settings file " + text.error().message);
    return parse_settings(*text, file, Credentials::of_this_process());
}

} // namespace rsf::config
