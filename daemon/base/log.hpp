// SPDX-License-Identifier: Apache-2.0
//
// The daemon's log. It is passed to each part that writes to it: there is no global logger. Thread-safe.
#pragma once

#include "base/log_fwd.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rsf::base {

// Writes nowhere; for tests and for commands that print.
Log silent_log();

// A field by which programs find a line. An empty text is left out.
struct LogField {
    using Value = std::variant<std::string_view, std::int64_t, double>;
    std::string_view key; // of a-z and _
    Value value;
};

// They come first in a line: log->info("{}took {} ms", LogFields{{"target", name}, {"request", id}}, ms). In the line's text they
// are "target=prod request=r-1 " (logfmt), and a mark that ends them; the sinks parse them again.
class LogFields {
  public:
    LogFields(std::initializer_list<LogField> fields) : fields_(fields) {}
    const LogField *begin() const { return fields_.begin(); }
    const LogField *end() const { return fields_.end(); }

  private:
    std::initializer_list<LogField> fields_; // valid within the full expression only
};

void append(fmt::memory_buffer &out, const LogFields &fields);

struct LogEntry {
    struct Field {
        std::string key, value;
        bool is_number = false;
    };
    std::vector<Field> fields;
    std::string_view text;
};
LogEntry take_apart(std::string_view line);

// line, or several, as people read them, without marks.
std::string plain_text(std::string_view line);

} // namespace rsf::base

template <> struct fmt::formatter<rsf::base::LogFields> {
    constexpr auto parse(fmt::format_parse_context &context) { return context.begin(); }
    auto format(const rsf::base::LogFields &fields, fmt::format_context &context) const {
        fmt::memory_buffer text;
        rsf::base::append(text, fields);
        return std::copy(text.begin(), text.end(), context.out());
    }
};
