// SPDX-License-Identifier: Apache-2.0
#include "kubectl/text/well_formed.hpp"

#include <resourcifier/utf8.hpp>

namespace rsf::kubectl::text {

std::string well_formed(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        result.append(length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD");
        text.remove_prefix(length > 0 ? length : 1);
    }
    return result;
}

} // namespace rsf::kubectl::text
