// SPDX-License-Identifier: Apache-2.0
#include "parse/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace rsf::daemon {

namespace {

// The shortest digits that read back as number, laid out with an exponent only below 1e-6 and from 1e21 on.
std::string digits(double number) {
    std::array<char, 64> buffer;
    const double size = std::fabs(number);
    const bool large = size >= 9007199254740992; // beyond 2^53 to_chars gives a fixed number's exact digits, not the shortest
    const bool scientific = large || (size != 0 && size < 1e-6);
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    std::string text(buffer.data(), std::to_chars(buffer.begin(), buffer.end(), number, format).ptr);
    if (!large || size >= 1e21) return text;
    const std::size_t e = text.find('e'), sign = text.starts_with('-') ? 1 : 0;
    std::size_t exponent = 0;
    std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
    text.resize(e);
    if (text.size() > sign + 1) text.erase(sign + 1, 1); // the point
    text.append(sign + 1 + exponent - text.size(), '0');
    return text;
}

} // namespace

std::string json_number(double number) {
    if (!std::isfinite(number)) return "null";
    return digits(number);
}

std::string yaml_number(double number) {
    if (std::isnan(number)) return ".nan";
    if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
    std::string text = digits(number);
    // YAML 1.1 wants a point in a float.
    if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
    return text;
}

} // namespace rsf::daemon
