// SPDX-License-Identifier: Apache-2.0
//
// Reads what a driver wrote: structs that may be shorter or longer than this daemon's, and texts that may be invalid. Pure.
#pragma once

#include <resourcifier/abi.h>
#include <resourcifier/answer_rules.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rsf::drivers {

// A copy of *given: members that its size does not cover are zero, and members that this daemon does not know are left out
// (abi.h, "Growth").
template <class T> T whole(const T *given) {
    T copy{};
    std::memcpy(&copy, given, std::min<std::size_t>(given->size, sizeof copy));
    return copy;
}

inline std::string_view view(rsf_text text) {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}

inline rsf_text text(std::string_view view) { return {view.data(), view.size()}; }

} // namespace rsf::drivers
