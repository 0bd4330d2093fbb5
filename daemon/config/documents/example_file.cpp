// SPDX-License-Identifier: Apache-2.0
#include "config/documents/documents.hpp"
#include "config/documents/rows.hpp"

#include <sstream>

namespace rsf::config {

namespace {

constexpr std::size_t columns = 100;

// A comment of lines that each begin with first or, from the second on, with next.
std::string comment(const std::string &first, const std::string &next, std::string_view text) {
    std::string plain;
    for (const char c : text)
        if (c != '`') plain += c;
    std::string lines, line = first;
    std::istringstream words(plain);
    for (std::string word; words >> word;) {
        if (line.size() + 1 + word.size() > columns) {
            lines += line + "\n";
            line = next;
        }
        line += " " + word;
    }
    return lines + line + "\n";
}

std::string comment(const std::string &indent, std::string_view text) { return comment(indent + "#", indent + "#", text); }

std::string entry(const std::string &indent, const Row &row) {
    const std::string value = written_default(row).empty() ? std::string(row.form.example) : written_default(row);
    return indent + row.key + ":" + (value.empty() ? "" : " " + value) + "\n";
}

std::string settings_part() {
    std::string part;
    for (const Row &row : rows_of_file()) {
        const std::string indent = row.group.empty() ? "" : "  ";
        part += (row.group.empty() ? "\n" : "") + comment(indent, row.text) + entry(indent, row);
    }
    return part;
}

// A group whose settings have no defaults stays empty; they are in its comment.
std::string target_part() {
    const std::string indent = "    ";
    std::string part;
    std::string empty_group; // to be written once the comment is complete
    for (const Row &row : rows_of_target()) {
        if (row.group.empty()) part += std::exchange(empty_group, "");
        if (!row.group.empty()) {
            const std::string example = " For example " + std::string(row.form.example) + ".";
            part += comment(indent + "# - " + row.key + ":", indent + "#", row.text + example);
            continue;
        }
        part += comment(indent, row.text);
        (row.is_group() ? empty_group : part) += row.is_group() ? indent + row.key + ": {}\n" : entry(indent, row);
    }
    return part;
}

} // namespace

std::string example_file(std::string_view source) {
    return filled(source, {{"settings", settings_part()}, {"target", target_part()}});
}

} // namespace rsf::config
