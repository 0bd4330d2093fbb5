// SPDX-License-Identifier: Apache-2.0
#include "base/json_pointer.hpp"

namespace rsf::base {

void append_token(std::string &pointer, std::string_view token) {
    pointer += '/';
    for (const char c : token) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

std::string below(std::string pointer, std::string_view key) {
    append_token(pointer, key);
    return pointer;
}

std::string below(std::string pointer, std::size_t index) {
    append_token(pointer, std::to_string(index));
    return pointer;
}

} // namespace rsf::base
