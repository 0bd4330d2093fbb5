// SPDX-License-Identifier: Apache-2.0
#include "config/measure.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string>
#include <system_error>

namespace rsf::config {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::uint64_t largest_number = std::numeric_limits<std::int32_t>::max();

constexpr std::array size_units{Unit{"B", 1}, Unit{"KiB", 1u << 10}, Unit{"MiB", 1u << 20}, Unit{"GiB", 1u << 30}};
constexpr std::array time_units{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"min", 60'000}, Unit{"h", 3'600'000},
                                Unit{"d", 86'400'000}};

// kind: what it is for people, as in "a size".
Result<std::uint64_t> measure(std::string_view text, std::span<const Unit> units, const std::string &kind, std::string_view how,
                              bool may_be_zero = false) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto known = std::ranges::find(units, unit, &Unit::name);
    if (failed == std::errc::invalid_argument || known == units.end())
        return invalid(in_quotes(text) + " is not " + kind + ": write " + std::string(how));
    if (failed != std::errc{} || number > largest_number)
        return invalid(in_quotes(text) + " is too large: its number may be " + std::to_string(largest_number) + " at most");
    if (number == 0 && !may_be_zero) return invalid(in_quotes(text) + " is too small: " + kind + " must be more than 0");
    return number * known->factor;
}

// In the largest unit that leaves no rest.
std::string text_of(std::uint64_t number, std::span<const Unit> units) {
    const Unit *unit = &units.front();
    for (const Unit &larger : units)
        if (number != 0 && number % larger.factor == 0) unit = &larger;
    return std::to_string(number / unit->factor) + std::string(unit->name);
}

} // namespace

Result<std::size_t> size_of(std::string_view text) {
    return measure(text, size_units, "a size", "a whole number and B, KiB, MiB or GiB, as in 8MiB");
}

Result<std::chrono::milliseconds> time_of(std::string_view text, bool may_be_zero) {
    const Result<std::uint64_t> time =
        measure(text, time_units, "a time", "a whole number and ms, s, min, h or d, as in 30s", may_be_zero);
    if (!time) return time.error();
    return std::chrono::milliseconds{*time};
}

std::string size_text(std::size_t size) { return text_of(size, size_units); }

std::string time_text(std::chrono::milliseconds time) {
    return time.count() == 0 ? "0s" : text_of(static_cast<std::uint64_t>(time.count()), time_units);
}

} // namespace rsf::config
