// SPDX-License-Identifier: Apache-2.0
#include "status.hpp"

#include "base/text.hpp"
#include "config/shown.hpp"
#include "drivers/schema/schema_parts.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <boost/json/value_from.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <utility>

namespace rsf::daemon {

namespace json = boost::json;

namespace {

using std::chrono::system_clock;

constexpr const char *masked = "***";

std::string utc(std::time_t seconds, const char *format) {
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

json::object target_status(const targets::Target &target, const targets::HealthQuestion &question) {
    targets::Health health = question.answer();
    json::object state{{"ok", health.ok}};
    if (!health.ok) state["reason"] = health.reason;
    if (!health.driver.empty()) state["driver"] = std::move(health.driver);
    const std::optional<std::string> drained = target.drained();
    json::object status{{"name", target.name()},     {"driver", target.driver().descriptor().name},
                        {"running", health.running}, {"waiting", health.queued},
                        {"lost", health.lost},       {"drained", drained.has_value()}};
    status["health"] = std::move(state);
    return status;
}

// "3 days", "2 hours", in the largest unit.
std::string duration(std::int64_t seconds) {
    constexpr std::pair<std::int64_t, std::string_view> units[] = {
        {86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}};
    for (const auto &[length, name] : units)
        if (seconds >= length || length == 1) {
            const std::int64_t count = std::max<std::int64_t>(seconds, 0) / length;
            return fmt::format("{} {}{}", count, name, count == 1 ? "" : "s");
        }
    return {};
}

std::string joined(const json::value &list) {
    std::string words;
    for (const json::value &word : list.as_array()) words += (words.empty() ? "" : ", ") + std::string(word.as_string());
    return words;
}

// Rows of a table, with the columns below each other; the last column has no width.
std::string table(const std::vector<std::vector<std::string>> &rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const std::vector<std::string> &row : rows)
        for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const std::vector<std::string> &row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
        text += row.back() + '\n';
    }
    return text;
}

std::string condition(const json::object &target) {
    const json::object &health = target.at("health").as_object();
    if (health.at("ok").as_bool()) return "ready";
    return "not ready: " + printable(health.at("reason").as_string(), 500);
}

// What a driver is given, as it is shown.
class Masking {
  public:
    explicit Masking(const std::vector<std::string> &secrets) : secrets_(secrets), searched_(drivers::searchable(secrets)) {}

    // schema: of value; null: not known.
    json::value shown(const json::object *schema, const json::value &value) const {
        const bool is_set = !value.is_null() && value != json::value("");
        if (is_set && schema && drivers::schema::is_write_only(*schema)) return masked;
        if (const json::string *text = value.if_string()) return text_shown(*text);
        if (const json::array *list = value.if_array()) {
            const json::value *items = schema ? drivers::schema::member(*schema, "items") : nullptr;
            json::array all;
            for (const json::value &item : *list) all.push_back(shown(items ? items->if_object() : nullptr, item));
            return all;
        }
        const json::object *object = value.if_object();
        if (!object) return value;
        json::object all;
        for (const auto &[key, member] : *object)
            all[key] = shown(schema ? drivers::schema::schema_of(*schema, key) : nullptr, member);
        return all;
    }

  private:
    json::value text_shown(std::string_view text) const {
        if (std::ranges::find(secrets_, text) != secrets_.end()) return masked; // also one too short to be searched for
        return json::value(drivers::without_secrets(text, searched_));
    }

    const std::vector<std::string> &secrets_;
    const std::vector<std::string> searched_;
};

} // namespace

json::object status_document(const StatusOf &of) {
    const targets::TargetSet &targets = of.live.targets();
    std::vector<std::pair<std::shared_ptr<targets::Target>, targets::HealthQuestion>> asked;
    for (const auto &[name, target] : targets.by_name)
        if (target) asked.emplace_back(target, target->ask_health()); // all of them, before the first is waited for
    json::array all;
    for (const auto &[target, question] : asked) all.push_back(target_status(*target, question));
    return {{"version", of.version},
            {"since", utc(system_clock::to_time_t(of.since), "%Y-%m-%dT%H:%M:%SZ")},
            {"settings", of.live.settings().file.string()},
            {"addresses", json::value_from(of.addresses)},
            {"drained", of.live.all_drained()},
            {"waiting_for_restart", json::value_from(of.live.waiting_for_restart())},
            {"default_target", targets.default_target},
            {"targets", std::move(all)},
            {"lost", json::value_from(targets.lost)}};
}

std::string status_text(const json::object &document, system_clock::time_point now) {
    const std::string since(document.at("since").as_string());
    std::tm began{};
    ::strptime(since.c_str(), "%Y-%m-%dT%H:%M:%SZ", &began);
    std::string text = fmt::format("resourcifierd {} serves on {}\nsince {} ({})\nsettings {}\n",
                                   std::string_view(document.at("version").as_string()), joined(document.at("addresses")), since,
                                   duration(system_clock::to_time_t(now) - ::timegm(&began)),
                                   std::string_view(document.at("settings").as_string()));
    if (const std::string keys = joined(document.at("waiting_for_restart")); !keys.empty())
        text += "changed, and waiting for a restart: " + keys + "\n";
    if (document.at("drained").as_bool()) text += "drained: new writes are refused until 'resourcifierd resume'\n";
    if (const std::string lost = joined(document.at("lost")); !lost.empty())
        text += "gone until a reload makes them: " + lost + "\n";
    std::vector<std::vector<std::string>> rows{{"TARGET", "DRIVER", "RUNNING", "WAITING", "LOST", "HEALTH"}};
    for (const json::value &entry : document.at("targets").as_array()) {
        const json::object &target = entry.as_object();
        const auto count = [&](const char *key) { return std::to_string(target.at(key).to_number<std::uint64_t>()); };
        rows.push_back({std::string(target.at("name").as_string()), std::string(target.at("driver").as_string()),
                        count("running"), count("waiting"), count("lost"), condition(target)});
    }
    return text + '\n' + table(rows);
}

json::object settings_document(const targets::LiveTargets &live) {
    const Masking masking(live.settings().secrets);
    return config::shown(live.settings(), [&](const config::TargetSettings &target) {
        const json::object *schema = live.schema_of(target.name);
        if (!schema) return masking.shown(nullptr, target.settings).as_object();
        const Result<json::object> whole = drivers::apply_schema(*schema, target.settings);
        return masking.shown(schema, whole ? *whole : target.settings).as_object();
    });
}

} // namespace rsf::daemon
