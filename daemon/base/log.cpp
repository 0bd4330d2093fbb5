// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include "base/text.hpp"

#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <iterator>

namespace rsf::base {

namespace {

constexpr char end_of_fields = '\x1f'; // nothing that is printable has it
constexpr std::size_t longest_value = 1024;

// Whether a text would be taken for more than one word, or for a number.
bool needs_quotes(std::string_view text) {
    constexpr std::string_view separators = " \"=\\", digits = "0123456789", of_numbers = "0123456789.-+eE";
    return text.find_first_of(separators) != text.npos ||
           (text.find_first_not_of(of_numbers) == text.npos && text.find_first_of(digits) != text.npos);
}

void append_text(fmt::memory_buffer &out, std::string_view value) {
    const std::string safe = printable(value, longest_value);
    if (!needs_quotes(safe)) return out.append(safe);
    out.push_back('"');
    for (const char c : safe) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

// Takes a field from the beginning of rest.
LogEntry::Field take_field(std::string_view &rest) {
    LogEntry::Field field;
    const std::size_t equals = std::min(rest.find('='), rest.size());
    field.key = rest.substr(0, equals);
    rest.remove_prefix(std::min(equals + 1, rest.size()));
    if (!rest.starts_with('"')) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        field.value = rest.substr(0, end);
        field.is_number = needs_quotes(field.value);
        rest.remove_prefix(end);
    } else {
        std::size_t at = 1;
        for (; at < rest.size() && rest[at] != '"'; ++at) {
            if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
            field.value += rest[at];
        }
        rest.remove_prefix(std::min(at + 1, rest.size()));
    }
    rest.remove_prefix(std::min<std::size_t>(1, rest.size())); // the space behind it
    return field;
}

} // namespace

Log silent_log() { return std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>()); }

void append(fmt::memory_buffer &out, const LogFields &fields) {
    for (const LogField &field : fields) {
        const auto *text = std::get_if<std::string_view>(&field.value);
        if (text && text->empty()) continue;
        out.append(field.key);
        out.push_back('=');
        if (text)
            append_text(out, *text);
        else if (const auto *number = std::get_if<double>(&field.value))
            fmt::format_to(std::back_inserter(out), "{:.1f}", *number);
        else
            fmt::format_to(std::back_inserter(out), "{}", std::get<std::int64_t>(field.value));
        out.push_back(' ');
    }
    out.push_back(end_of_fields);
}

LogEntry take_apart(std::string_view line) {
    const std::size_t mark = line.find(end_of_fields);
    if (mark == line.npos) return {{}, line};
    LogEntry apart;
    apart.text = line.substr(mark + 1);
    for (std::string_view rest = line.substr(0, mark); !rest.empty();) apart.fields.push_back(take_field(rest));
    return apart;
}

std::string plain_text(std::string_view line) {
    std::string text(line);
    std::erase(text, end_of_fields);
    return text;
}

} // namespace rsf::base
