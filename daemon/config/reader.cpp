// SPDX-License-Identifier: Apache-2.0
#include "config/reader.hpp"

#include "base/json_pointer.hpp"
#include "config/mistakes.hpp"
#include "config/settings.hpp"
#include "drivers/schema/schema_parts.hpp"

namespace rsf::config {

namespace json = boost::json;

namespace {

struct Found {
    const json::value *value; // null: it is not there, or what should hold it is no mapping
    std::string pointer;
};

Found find(const json::object &values, std::string_view key, const std::string &pointer) {
    const std::size_t dot = key.find('.');
    const std::string_view first = key.substr(0, dot);
    const json::value *value = values.if_contains(first);
    std::string place = below(pointer, first);
    if (dot == key.npos) return {value, std::move(place)};
    const json::object *inner = value ? value->if_object() : nullptr;
    return inner ? find(*inner, key.substr(dot + 1), place) : Found{nullptr, std::move(place)};
}

} // namespace

void Reader::apply(const json::object &schema, json::value &value, const std::string &pointer) {
    std::vector<Error> causes;
    drivers::schema::apply(schema, value, {.pointer = pointer}, causes);
    for (Error &cause : causes) add(std::move(cause));
}

template <class Record>
void Reader::read(std::span<const Setting<Record>> table, const json::object &values, const std::string &pointer,
                  Record &record) {
    const auto each = [&](const auto &use) {
        for (const Setting<Record> &setting : table)
            if (const Found found = find(values, setting.key, pointer); found.value && !has_mistake_at(found.pointer))
                use(setting, found);
    };
    each([&](const Setting<Record> &setting, const Found &found) {
        if (setting.slot.take) setting.slot.take(*this, setting.form, *found.value, found.pointer, record);
    });
    each([&](const Setting<Record> &setting, const Found &found) {
        if (setting.check) setting.check(*this, *found.value, found.pointer, record);
    });
}

template void Reader::read(std::span<const Setting<Settings>>, const json::object &, const std::string &, Settings &);
template void Reader::read(std::span<const Setting<TargetSettings>>, const json::object &, const std::string &, TargetSettings &);

void Reader::add(std::string message, std::string pointer) {
    add(invalid(std::move(message)).at({.pointer = std::move(pointer)}));
}

void Reader::add(Error mistake) {
    std::string pointer = std::move(mistake.place.pointer);
    mistake.place = places_.find(pointer);
    mistake.place.file = file_;
    mistake.place.pointer = std::move(pointer);
    mistake.message.insert(0, subject_);
    mistakes_.push_back(std::move(mistake));
}

bool Reader::has_mistake_at(std::string_view pointer) const { return config::has_mistake_at(mistakes_, pointer); }

bool Reader::has_mistake_within(std::string_view pointer) const { return config::has_mistake_within(mistakes_, pointer); }

} // namespace rsf::config
