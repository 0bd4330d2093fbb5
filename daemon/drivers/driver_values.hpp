// SPDX-License-Identifier: Apache-2.0
//
// Reading what a driver wrote: structs that may be shorter or longer than this daemon's, and texts that may be nonsense. Pure.
#pragma once

#include <resourcifier/abi.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rsf::daemon {

// *given with what it does not cover as zero, and what this daemon does not know left out (abi.h, "Growth").
template <class T> T whole(const T *given) {
    T copy{};
    std::memcpy(&copy, given, std::min<std::size_t>(given->size, sizeof copy));
    return copy;
}

// Whether a compiler could have written this size: structs are padded to their alignment.
template <class T> bool is_possible_size(const T *given) {
    return given->size >= sizeof given->size && given->size % alignof(T) == 0;
}

inline bool is_sound(rsf_text text) { return text.data != nullptr || text.size == 0; }

inline std::string_view view(rsf_text text) {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}

inline rsf_text text(std::string_view view) { return {view.data(), view.size()}; }

} // namespace rsf::daemon
