// SPDX-License-Identifier: Apache-2.0
#include "config/slot.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "config/measure.hpp"
#include "config/table.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>

namespace rsf::config {

namespace json = boost::json;

namespace {

// What a target may be called: it stands in URLs and log lines.
bool is_target_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= 63 && plain(name.front()) && plain(name.back()) &&
           std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

void fill_in(Reader &reader, json::value &value, const std::string &pointer) {
    if (json::object *object = value.if_object()) {
        for (auto &[key, member] : *object) fill_in(reader, member, below(pointer, key));
    } else if (json::array *array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) fill_in(reader, (*array)[i], below(pointer, i));
    } else if (const json::string *text = value.if_string()) {
        Result<std::string> filled = reader.credentials().fill_in(*text);
        if (filled)
            value = *filled;
        else
            reader.add(filled.error().message, pointer);
    }
}

template <class T> std::vector<T> texts_of(const json::value &list, Reader &reader, const std::string &pointer) {
    std::vector<T> texts;
    const json::array &entries = list.get_array();
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!reader.has_mistake_at(below(pointer, i))) texts.emplace_back(std::string(entries[i].get_string()));
    return texts;
}

// A target with a mistake is replaced by one with its name and what could be read.
TargetSettings target_of(Reader &reader, std::string_view name, json::value value, const std::string &pointer) {
    TargetSettings target;
    target.name = name;
    if (!is_target_name(name))
        reader.add(in_quotes(name) + " is not a name for a target: use lower-case letters, digits, '-', '_' and '.', at most 63",
                   pointer);
    reader.set_subject("target " + in_quotes(name) + ": ");
    if (!value.is_object()) {
        reader.add("a target is a mapping with driver and settings", pointer);
        return target;
    }
    reader.apply(target_schema(), value, pointer);
    reader.read(target_table(), value.get_object(), pointer, target);
    return target;
}

} // namespace

void take(Reader &, const Form &, const json::value &value, const std::string &, bool &to) { to = value.get_bool(); }

void take(Reader &reader, const Form &form, const json::value &value, const std::string &pointer, std::size_t &to) {
    if (form.type == Form::Type::count) {
        to = static_cast<std::size_t>(value.to_number<std::int64_t>());
    } else if (const Result<std::size_t> size = size_of(value.get_string())) {
        to = *size;
    } else {
        reader.add(size.error().message, pointer);
    }
}

void take(Reader &reader, const Form &form, const json::value &value, const std::string &pointer, std::chrono::milliseconds &to) {
    const Result<std::chrono::milliseconds> time = time_of(value.get_string(), form.may_be_zero);
    if (!time)
        reader.add(time.error().message, pointer);
    else if (*time > longest_time)
        reader.add("that is more than a year (8760h)", pointer);
    else
        to = *time;
}

void take(Reader &reader, const Form &form, const json::value &value, const std::string &pointer, std::chrono::seconds &to) {
    std::chrono::milliseconds time{};
    take(reader, form, value, pointer, time);
    if (time % std::chrono::seconds(1) != time.zero())
        reader.add("processor time is counted in whole seconds", pointer);
    else
        to = std::chrono::duration_cast<std::chrono::seconds>(time);
}

void take(Reader &, const Form &, const json::value &value, const std::string &, std::string &to) { to = value.get_string(); }

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer, std::vector<std::string> &to) {
    to = texts_of<std::string>(value, reader, pointer);
}

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer, SecretTexts &to) {
    json::value filled = value;
    fill_in(reader, filled, pointer);
    to.texts = texts_of<std::string>(filled, reader, pointer);
}

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer,
          std::vector<std::filesystem::path> &to) {
    to = texts_of<std::filesystem::path>(value, reader, pointer);
}

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer,
          std::vector<http::ListenAddress> &to) {
    to.clear();
    const json::array &entries = value.get_array();
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!reader.has_mistake_within(below(pointer, i))) to.push_back(address_of(entries[i]));
}

void take(Reader &, const Form &, const json::value &value, const std::string &, process::Isolation &to) {
    to = value.get_string() == "none" ? process::Isolation::none : process::Isolation::process;
}

void take(Reader &, const Form &, const json::value &value, const std::string &, std::optional<Strategy> &to) {
    to = strategy_of(value.get_string());
}

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer, json::object &to) {
    json::value filled = value;
    fill_in(reader, filled, pointer);
    to = std::move(filled.get_object());
}

void take(Reader &reader, const Form &, const json::value &value, const std::string &pointer, std::vector<TargetSettings> &to) {
    to.clear();
    for (const auto &[name, target] : value.get_object()) {
        to.push_back(target_of(reader, name, target, below(pointer, name)));
        reader.set_subject({});
    }
}

json::value show(const Form &, const bool &from) { return from; }

json::value show(const Form &form, const std::size_t &from) {
    if (form.type == Form::Type::count) return from;
    if (const Result<std::size_t> usual = size_of(form.standard); usual && *usual == from) return json::value(form.standard);
    return from == 0 ? json::value() : json::value(size_text(from));
}

json::value show(const Form &form, const std::chrono::milliseconds &from) {
    if (const auto usual = time_of(form.standard, true); usual && *usual == from) return json::value(form.standard);
    return from.count() == 0 && !form.may_be_zero ? json::value() : json::value(time_text(from));
}

json::value show(const Form &form, const std::chrono::seconds &from) { return show(form, std::chrono::milliseconds(from)); }

json::value show(const Form &, const std::string &from) { return from.empty() ? json::value() : json::value(from); }

json::value show(const Form &, const std::vector<std::string> &from) { return json::array(from.begin(), from.end()); }

json::value show(const Form &, const SecretTexts &from) { return json::array(from.texts.size(), "***"); }

json::value show(const Form &, const std::vector<std::filesystem::path> &from) {
    json::array all;
    for (const std::filesystem::path &path : from) all.emplace_back(path.string());
    return all;
}

json::value show(const Form &, const std::vector<http::ListenAddress> &from) {
    json::array all;
    for (const http::ListenAddress &address : from) {
        const bool is_plain = !address.mode || *address.mode == 0660;
        if (address.owner.empty() && address.group.empty() && is_plain) {
            all.emplace_back(address.name);
            continue;
        }
        json::object socket{{"unix", address.name.substr(address.name.find(':') + 1)}};
        if (!address.owner.empty()) socket["owner"] = address.owner;
        if (!address.group.empty()) socket["group"] = address.group;
        if (address.mode) socket["mode"] = fmt::format("{:04o}", *address.mode);
        all.push_back(std::move(socket));
    }
    return all;
}

json::value show(const Form &, const process::Isolation &from) { return from == process::Isolation::none ? "none" : "process"; }

json::value show(const Form &, const std::optional<Strategy> &from) {
    return from ? json::value(to_string(*from)) : json::value();
}

json::value show(const Form &, const json::object &) { return nullptr; }

json::value show(const Form &, const std::vector<TargetSettings> &) { return nullptr; }

http::ListenAddress address_of(const json::value &entry) {
    http::ListenAddress address("");
    if (const json::string *name = entry.if_string()) {
        address.name = *name;
        if (address.name.starts_with("unix:")) address.mode = 0660;
        return address;
    }
    const json::object &socket = entry.get_object();
    const auto text = [&](const char *key) {
        const json::value *value = socket.if_contains(key);
        return value ? std::string(value->get_string()) : std::string();
    };
    address.name = "unix:" + text("unix");
    address.owner = text("owner");
    address.group = text("group");
    address.mode = static_cast<mode_t>(std::stoul(text("mode"), nullptr, 8));
    return address;
}

} // namespace rsf::config
