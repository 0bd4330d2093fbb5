// SPDX-License-Identifier: Apache-2.0
#include "parse/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace rsf::daemon {

namespace {

std::string digits(double number) {
    std::array<char, 400> buffer; // the longest fixed one below has 22 digits
    const double size = std::fabs(number);
    const auto format = size != 0 && (size < 1e-6 || size >= 1e21) ? std::chars_format::scientific : std::chars_format::fixed;
    return {buffer.data(), std::to_chars(buffer.begin(), buffer.end(), number, format).ptr};
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
