// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "base/json_pointer.hpp"
#include "base/regular_file.hpp"
#include "base/text.hpp"
#include "config/mistakes.hpp"
#include "config/reader.hpp"
#include "config/table.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <limits>
#include <utility>

namespace rsf::config {

namespace json = boost::json;

namespace {

constexpr std::size_t largest_file = std::size_t{4} << 20; // bytes

Draft nothing_of(const std::filesystem::path &file, Error error) {
    error.place.file = file.string();
    Draft draft;
    draft.settings.file = file;
    draft.mistakes.push_back(std::move(error));
    return draft;
}

Result<Settings> whole(Draft draft) {
    if (draft.mistakes.empty()) return std::move(draft.settings);
    return all_mistakes(draft.settings.file, std::move(draft.mistakes));
}

} // namespace

Error Settings::located(Error error, const TargetSettings &target, std::string_view key) const {
    const std::string place = below(below("/targets", target.name), key);
    const std::vector<std::string> known = drivers::searchable(secrets);
    const auto locate = [&](Error &one) {
        std::string pointer = place + one.place.pointer;
        one = located(std::move(one), std::move(pointer));
    };
    const auto hide = [&](Error &one) { one.message = drivers::without_secrets(one.message, known); };
    hide(error);
    locate(error);
    for (Error &cause : error.causes) {
        hide(cause);
        if (cause.place.file.empty()) locate(cause);
    }
    error.message = "target " + in_quotes(target.name) + ": " + error.message;
    return error;
}

Error Settings::located(Error error, std::string pointer) const {
    error.place = places.find(pointer);
    error.place.file = file.string();
    error.place.pointer = std::move(pointer);
    return error;
}

std::vector<Error> Settings::each_located(const Error &error, const TargetSettings &target, std::string_view key) const {
    if (error.causes.empty()) return {located(error, target, key)};
    std::vector<Error> all;
    for (const Error &cause : error.causes) all.push_back(located(cause, target, key));
    return all;
}

Draft draft_settings(std::string_view text, const std::filesystem::path &file, Credentials credentials) {
    Result<parse::Document> document = read_yaml(text, parse::Limits{}, std::numeric_limits<std::size_t>::max());
    if (!document) return nothing_of(file, std::move(document).error());
    json::object *given = document->value.if_object();
    if (!given) return nothing_of(file, invalid("the settings are not a mapping: write at least 'targets:' with one target"));
    // YAML takes an unquoted off for a boolean.
    if (json::value *level = given->if_contains("log_level"); level && *level == json::value(false)) *level = "off";

    Draft draft;
    Settings &settings = draft.settings;
    settings.file = file;
    settings.places = std::move(document->places);
    Reader reader(file.string(), settings.places, credentials);
    reader.apply(settings_schema(), document->value, {});
    reader.read(file_table(), *given, {}, settings);
    if (settings.targets.size() == 1 && settings.default_target.empty()) settings.default_target = settings.targets.front().name;
    settings.secrets = credentials.secrets();
    draft.mistakes = std::move(reader).mistakes();
    return draft;
}

Draft draft_settings(const std::filesystem::path &file) {
    const Result<std::string> text = read_regular_file(file, largest_file);
    if (!text) return nothing_of(file, invalid("the settings file " + text.error().message));
    return draft_settings(*text, file, Credentials::of_this_process());
}

Result<Settings> read_settings(const std::filesystem::path &file) { return whole(draft_settings(file)); }

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path &file, Credentials credentials) {
    return whole(draft_settings(text, file, std::move(credentials)));
}

} // namespace rsf::config
