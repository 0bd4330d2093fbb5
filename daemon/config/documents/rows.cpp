// SPDX-License-Identifier: Apache-2.0
#include "config/documents/rows.hpp"

#include "config/table.hpp"

#include <resourcifier/json_text.hpp>

#include <span>

namespace rsf::config {

namespace {

std::string bounds_of(const Form &form) {
    if (form.type == Form::Type::count) return " From " + std::to_string(form.least) + " to " + std::to_string(form.most) + ".";
    if (form.type != Form::Type::word) return {};
    std::string words;
    for (std::size_t i = 0; i < form.words.size(); ++i) {
        if (i != 0) words += i + 1 == form.words.size() ? " or " : ", ";
        words += '`' + std::string(form.words[i]) + '`';
    }
    return " One of " + words + ".";
}

template <class Record> std::vector<Row> rows_of(std::span<const Setting<Record>> table) {
    std::vector<Row> rows;
    for (const Setting<Record> &setting : table) {
        const std::size_t dot = setting.key.find('.');
        std::string text = std::string(setting.text) + bounds_of(setting.form);
        if (setting.change == Change::restart) text += " A change takes a restart.";
        if (dot == setting.key.npos)
            rows.push_back({std::string(setting.key), "", setting.form, std::move(text)});
        else
            rows.push_back({std::string(setting.key.substr(dot + 1)), std::string(setting.key.substr(0, dot)), setting.form,
                            std::move(text)});
    }
    return rows;
}

} // namespace

std::vector<Row> rows_of_file() { return rows_of(file_table()); }

std::vector<Row> rows_of_target() { return rows_of(target_table()); }

std::string written_default(const Row &row) {
    const boost::json::value standard = default_of(row.form);
    if (standard.is_null() || row.is_group() || row.form.type == Form::Type::open) return {};
    return standard.is_string() ? std::string(standard.get_string()) : json_text(standard);
}

std::string filled(std::string_view source, const std::map<std::string, std::string, std::less<>> &parts) {
    std::string out;
    while (!source.empty()) {
        const std::string_view line = source.substr(0, source.find('\n'));
        source.remove_prefix(std::min(line.size() + 1, source.size()));
        const bool is_mark = line.size() > 2 && line.front() == '@' && line.back() == '@';
        const auto part = is_mark ? parts.find(line.substr(1, line.size() - 2)) : parts.end();
        out += part == parts.end() ? std::string(line) + "\n" : part->second;
    }
    return out;
}

} // namespace rsf::config
