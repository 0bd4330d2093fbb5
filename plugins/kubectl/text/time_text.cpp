// SPDX-License-Identifier: Apache-2.0
#include "kubectl/text/time_text.hpp"

#include <charconv>
#include <chrono>

namespace rsf::kubectl::text {

namespace {

// The number that these digits are. None: they are not as many, or no digits.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return std::nullopt;
    const std::string_view digits = text.substr(at, count);
    if (digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

struct DateParts {
    std::optional<int> year, month, day, hour, minute, second;
};

std::optional<std::int64_t> seconds_since_1970(const DateParts &parts) {
    const auto &[year, month, day, hour, minute, second] = parts;
    if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
}

} // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size() || text.back() != 'Z') return std::nullopt;
    for (const std::size_t at : {4, 7, 10, 13, 16})
        if (text[at] != form[at]) return std::nullopt;
    const std::string_view fraction = text.substr(form.size(), text.size() - form.size() - 1);
    if (!fraction.empty() && (fraction.front() != '.' || fraction.find_first_not_of("0123456789", 1) != fraction.npos))
        return std::nullopt;
    return seconds_since_1970({digits_at(text, 0, 4), digits_at(text, 5, 2), digits_at(text, 8, 2), digits_at(text, 11, 2),
                               digits_at(text, 14, 2), digits_at(text, 17, 2)});
}

std::optional<std::int64_t> read_http_date(std::string_view text) {
    constexpr std::string_view form = "Tue, 01 Dec 2026 05:09:11 GMT", months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != form.size() || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return std::nullopt;
    for (const std::size_t at : {7, 11, 16, 19, 22})
        if (text[at] != form[at]) return std::nullopt;
    const std::size_t month = months.find(text.substr(8, 3));
    if (month == months.npos || month % 3 != 0) return std::nullopt;
    return seconds_since_1970({digits_at(text, 12, 4), static_cast<int>(month / 3) + 1, digits_at(text, 5, 2),
                               digits_at(text, 17, 2), digits_at(text, 20, 2), digits_at(text, 23, 2)});
}

} // namespace rsf::kubectl::text
