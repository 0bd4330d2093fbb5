// SPDX-License-Identifier: Apache-2.0
#include "parse/number_text.hpp"

#include <algorithm>
#include <cmath>

namespace rsf::parse {

std::string yaml_number(double number) {
    if (std::isnan(number)) return ".nan";
    if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
    std::string text = json_number(number);
    // YAML 1.1 wants a point in a float.
    if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
    return text;
}

} // namespace rsf::parse
