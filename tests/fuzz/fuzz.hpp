// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. Each is one LLVMFuzzerTestOneInput; tests/fuzz/corpus/NAME holds what it begins with, among it
// every input that ever failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace rsf::fuzz {

inline std::string_view text_of(const std::uint8_t *data, std::size_t size) {
    return {reinterpret_cast<const char *>(data), size};
}

// What must hold whatever the input is; if not, the input is kept as a crash.
inline void require(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "must hold: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

} // namespace rsf::fuzz
