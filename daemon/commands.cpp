// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include "base/user.hpp"
#include "drivers/schema/settings_schema.hpp"
#include "parse/document.hpp"
#include "process/isolation.hpp"
#include "targets/make_targets.hpp"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace rsf::daemon {

namespace {

namespace json = boost::json;

// "text or integer", from a schema's type, which is a word or a list of them.
std::string type_of(const json::object &schema) {
    const json::value *type = schema.if_contains("type");
    if (!type) return "any";
    if (type->is_string()) return std::string(type->get_string());
    std::string text;
    for (const json::value &one : type->as_array()) text += (text.empty() ? "" : " or ") + std::string(one.as_string());
    return text;
}

bool is_true(const json::object &schema, std::string_view key) {
    const json::value *value = schema.if_contains(key);
    return value && value->is_bool() && value->get_bool();
}

bool is_required(const json::object &schema, std::string_view key) {
    const json::value *required = schema.if_contains("required");
    return required &&
           std::ranges::any_of(required->as_array(), [&](const json::value &name) { return name.as_string() == key; });
}

void describe_setting(std::string_view key, const json::object &schema, bool required, std::ostream &out) {
    out << "  " << key << " (" << type_of(schema);
    if (required) out << ", required";
    if (is_true(schema, "writeOnly")) out << ", secret";
    if (const json::value *fallback = schema.if_contains("default")) out << ", default " << parse::write_json(*fallback);
    if (const json::value *choices = schema.if_contains("enum")) out << ", one of " << parse::write_json(*choices);
    out << ")\n";
    if (const json::value *description = schema.if_contains("description"))
        out << "      " << std::string_view(description->as_string()) << "\n";
}

json::object as_document(const drivers::Descriptor &driver) {
    json::array verbs;
    for (const std::string &verb : drivers::capability_names(driver.capabilities)) verbs.emplace_back(verb);
    return {{"name", driver.name},
            {"version", driver.version},
            {"vendor", driver.vendor},
            {"url", driver.url},
            {"summary", driver.summary},
            {"file", driver.file.string()},
            {"abi", std::to_string(driver.abi_major) + "." + std::to_string(driver.abi_minor)},
            {"concurrent", driver.concurrent},
            {"revisions", driver.checks_revisions},
            {"capabilities", std::move(verbs)},
            {"settings", driver.settings_schema}};
}

void describe_for_people(const drivers::Descriptor &driver, std::ostream &out) {
    out << driver.name << " " << driver.version << ": " << driver.summary << "\n"
        << "from " << driver.vendor << ", " << driver.url << "\n"
        << "file " << driver.file.string() << ", ABI " << driver.abi_major << "." << driver.abi_minor
        << (driver.concurrent ? ", several calls at once" : ", one call at a time")
        << (driver.checks_revisions ? ", writes at an expected revision" : "") << "\n"
        << "verbs";
    for (const std::string &verb : drivers::capability_names(driver.capabilities)) out << " " << verb;
    out << "\nsettings:\n";
    const json::value *properties = driver.settings_schema.if_contains("properties");
    if (!properties || properties->as_object().empty()) {
        out << "  none\n";
        return;
    }
    for (const auto &[key, schema] : properties->as_object())
        describe_setting(key, schema.as_object(), is_required(driver.settings_schema, key), out);
}

// Whether the only mistakes are that something these targets need is held by another target or by a running daemon.
bool is_held(const Error &error) {
    const auto is_conflict = [](const Error &one) { return one.code == Code::conflict; };
    return is_conflict(error) || (!error.causes.empty() && std::ranges::all_of(error.causes, is_conflict));
}

// The target of this name and all that it reaches by name.
void add_reached(const config::Settings &settings, const drivers::Registry &registry, std::string_view name,
                 config::Settings &reached) {
    const auto is_it = [&](const config::TargetSettings &target) { return target.name == name; };
    const auto found = std::ranges::find_if(settings.targets, is_it);
    if (found == settings.targets.end() || std::ranges::any_of(reached.targets, is_it)) return;
    reached.targets.push_back(*found);
    const auto kind = registry.find(found->driver);
    if (!kind) return;
    for (const auto &[setting, other] : drivers::named_targets((*kind)->descriptor.settings_schema, found->settings))
        add_reached(settings, registry, other, reached);
}

// Conflicts between targets of these settings; ok: what is held, a running daemon holds. Called while none of these targets
// exists, so that a target that can't be made alone conflicts with something outside. The others are made together.
Result<void> judge_together(const config::Settings &settings, const drivers::Registry &registry) {
    const auto made = [&](const config::Settings &some) { return targets::make_targets(some, registry, silent_log(), nullptr); };
    config::Settings rest = settings;
    std::erase_if(rest.targets, [&](const config::TargetSettings &target) {
        config::Settings alone = settings;
        alone.targets.clear();
        add_reached(settings, registry, target.name, alone);
        return !made(alone);
    });
    const Result<targets::MadeTargets> together = made(rest);
    return together ? Result<void>() : Result<void>(together.error());
}

// The exit code of a check whose targets can't be made.
int tell_refused(const config::Settings &settings, const drivers::Registry &registry, const Error &error, std::ostream &out,
                 std::ostream &err) {
    if (!is_held(error)) {
        err << to_string(error) << "\n";
        return 1;
    }
    if (const Result<void> together = judge_together(settings, registry); !together) {
        err << to_string(together.error()) << "\nno daemon has it: another target of these settings does\n";
        return 1;
    }
    err << "warning: " << to_string(error) << "\n";
    out << settings.file.string() << ": good, as far as can be seen while another daemon runs on it\n";
    return 0;
}

} // namespace

bool become_checker(const std::string &wanted, std::ostream &out, std::ostream &err) {
    constexpr const char *service_user = "resourcifier"; // User= of the unit
    const bool is_root = ::geteuid() == 0;
    if (wanted.empty() && !(is_root && find_user(service_user))) return true;
    const std::string name = wanted.empty() ? service_user : wanted;
    if (const auto user = find_user(name); user && user->user == ::geteuid()) return true;
    if (const Result<void> done = become(name); !done) {
        err << "check " << done.error().message << "\n";
        return false;
    }
    out << "checking as the user " << name << (wanted.empty() ? ", as the service runs; --user root checks as root" : "") << "\n";
    return true;
}

int check(const config::Settings &settings, std::ostream &out, std::ostream &err) {
    const drivers::Registry registry = drivers::Registry::scan(settings.driver_path, process::describe_apart());
    for (const Error &refused : registry.refused()) err << "warning: " << to_string(refused) << "\n";
    const Result<targets::MadeTargets> made = targets::make_targets(settings, registry, silent_log(), nullptr);
    if (!made) return tell_refused(settings, registry, made.error(), out, err);
    for (const auto &[name, target] : made->targets.by_name) {
        const drivers::Descriptor &driver = target->driver().descriptor();
        out << "target " << name << ": driver " << driver.name << " " << driver.version
            << (name == made->targets.default_target ? ", the default" : "") << "\n";
    }
    out << settings.file.string() << ": all good\n";
    return 0;
}

int list_drivers(const drivers::Registry &registry, std::ostream &out, std::ostream &err) {
    std::size_t name_width = 4;
    std::size_t version_width = 7;
    for (const auto &kind : registry.drivers()) {
        name_width = std::max(name_width, kind->descriptor.name.size());
        version_width = std::max(version_width, kind->descriptor.version.size());
    }
    const auto row = [&](std::string_view name, std::string_view version, std::string_view summary, std::string_view file) {
        out << std::left << std::setw(static_cast<int>(name_width) + 2) << name << std::setw(static_cast<int>(version_width) + 2)
            << version << summary << "  " << file << "\n";
    };
    row("NAME", "VERSION", "SUMMARY", "FILE");
    for (const auto &kind : registry.drivers()) {
        const drivers::Descriptor &driver = kind->descriptor;
        row(driver.name, driver.version, driver.summary, driver.file.string());
    }
    for (const Error &refused : registry.refused()) err << "refused: " << to_string(refused) << "\n";
    return registry.refused().empty() ? 0 : 1;
}

int describe_driver(const drivers::Registry &registry, std::string_view name, bool as_json, std::ostream &out,
                    std::ostream &err) {
    const Result<std::shared_ptr<const drivers::DriverKind>> kind = registry.find(name);
    if (!kind) {
        err << to_string(kind.error()) << "\n";
        return 1;
    }
    if (as_json)
        out << parse::write_json(as_document((*kind)->descriptor)) << "\n";
    else
        describe_for_people((*kind)->descriptor, out);
    return 0;
}

} // namespace rsf::daemon
