// SPDX-License-Identifier: Apache-2.0
#include "config/shown.hpp"

#include "config/table.hpp"

#include <utility>

namespace rsf::config {

namespace json = boost::json;

namespace {

// Groups stand before the settings in them.
template <class Record> json::object shown_record(std::span<const Setting<Record>> table, const Record &record) {
    json::object all;
    for (const Setting<Record> &setting : table) {
        const std::size_t dot = setting.key.find('.');
        json::object &holder = dot == setting.key.npos ? all : all.at(setting.key.substr(0, dot)).as_object();
        const std::string_view key = setting.key.substr(dot == setting.key.npos ? 0 : dot + 1);
        if (setting.form.type == Form::Type::group) {
            holder[key] = json::object();
        } else if (json::value value = setting.slot.show(setting.form, record); !value.is_null()) {
            holder[key] = std::move(value);
        }
    }
    return all;
}

} // namespace

json::object shown(const Settings &settings, const std::function<json::object(const TargetSettings &)> &of_driver) {
    json::object all = shown_record(file_table(), settings);
    json::object targets;
    for (const TargetSettings &target : settings.targets) {
        json::object shown = shown_record(target_table(), target);
        if (shown.at("process").as_object().empty()) shown.erase("process");
        shown["settings"] = of_driver(target);
        targets[target.name] = std::move(shown);
    }
    all["targets"] = std::move(targets);
    return all;
}

} // namespace rsf::config
