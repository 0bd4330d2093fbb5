// SPDX-License-Identifier: Apache-2.0
#include "quantity.hpp"

#include <algorithm>
#include <charconv>

namespace rsf::dryrun::objects {
namespace {

constexpr std::size_t longest = 64;

struct Suffix {
    std::string_view text;
    int thousands = 0; // powers of 1000
    int kibis = 0;     // powers of 1024
};

constexpr Suffix suffixes[] = {{"", 0},      {"n", -3},    {"u", -2},    {"m", -1},   {"k", 1},     {"M", 2},
                               {"G", 3},     {"T", 4},     {"P", 5},     {"E", 6},    {"Ki", 0, 1}, {"Mi", 0, 2},
                               {"Gi", 0, 3}, {"Ti", 0, 4}, {"Pi", 0, 5}, {"Ei", 0, 6}};

std::size_t count_digits(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

// "e3", "E-3", with at most four digits.
std::optional<int> exponent_of(std::string_view suffix) {
    if (suffix.size() < 2 || (suffix.front() != 'e' && suffix.front() != 'E')) return {};
    suffix.remove_prefix(1);
    const bool negative = suffix.front() == '-';
    if (negative || suffix.front() == '+') suffix.remove_prefix(1);
    if (suffix.empty() || suffix.size() > 4 || count_digits(suffix) != suffix.size()) return {};
    int value = 0;
    std::from_chars(suffix.data(), suffix.data() + suffix.size(), value);
    return negative ? -value : value;
}

void multiply(std::string &digits, int factor) {
    int carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
        carry += (digits[i] - '0') * factor;
        digits[i] = static_cast<char>('0' + carry % 10);
        carry /= 10;
    }
    if (carry > 0) digits.insert(0, std::to_string(carry));
}

} // namespace

std::optional<Quantity> Quantity::parsed(std::string_view text) {
    if (text.size() > longest) return {};
    Quantity result;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        result.negative_ = text.front() == '-';
        text.remove_prefix(1);
    }
    const std::size_t whole = count_digits(text);
    std::string digits(text.substr(0, whole));
    text.remove_prefix(whole);
    int exponent = 0;
    if (!text.empty() && text.front() == '.') {
        const std::size_t fraction = count_digits(text.substr(1));
        digits += text.substr(1, fraction);
        exponent = -static_cast<int>(fraction);
        text.remove_prefix(1 + fraction);
    }
    if (digits.empty()) return {};

    const auto *const suffix =
        std::find_if(std::begin(suffixes), std::end(suffixes), [&](const Suffix &s) { return s.text == text; });
    if (suffix != std::end(suffixes)) {
        exponent += 3 * suffix->thousands;
        for (int i = 0; i < suffix->kibis; ++i) multiply(digits, 1024);
    } else if (const std::optional<int> written = exponent_of(text)) {
        exponent += *written;
    } else {
        return {};
    }

    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    const std::size_t significant = digits.find_last_not_of('0') + 1;
    exponent += static_cast<int>(digits.size() - significant);
    digits.resize(significant);
    if (digits.empty()) return Quantity();
    result.digits_ = std::move(digits);
    result.exponent_ = exponent;
    return result;
}

std::optional<Quantity> Quantity::of(const json::value &value) {
    if (value.is_string()) return parsed(std::string_view(value.get_string()));
    if (value.is_number()) return parsed(std::string_view(json_text(value)));
    return {};
}

std::string Quantity::text() const {
    return digits_.empty() ? "0" : (negative_ ? "-" : "") + digits_ + "e" + std::to_string(exponent_);
}

bool Quantity::operator<(const Quantity &other) const {
    const auto sign = [](const Quantity &q) { return q.digits_.empty() ? 0 : q.negative_ ? -1 : 1; };
    if (sign(*this) != sign(other)) return sign(*this) < sign(other);
    const Quantity &small = negative_ ? other : *this; // nearer to zero, if this is less than other
    const Quantity &large = negative_ ? *this : other;
    const int small_end = static_cast<int>(small.digits_.size()) + small.exponent_;
    const int large_end = static_cast<int>(large.digits_.size()) + large.exponent_;
    return small_end != large_end ? small_end < large_end : small.digits_ < large.digits_;
}

} // namespace rsf::dryrun::objects
