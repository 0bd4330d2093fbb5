// SPDX-License-Identifier: Apache-2.0
//
// What the tests of drivers share: the libraries of tests/bad_drivers, and folders to copy them to.
#pragma once

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>

namespace rsf::drivers::test {

inline std::filesystem::path library(const std::string &name) {
    return std::filesystem::path(TEST_BINARY_DIR) / "tests" / "bad_drivers" / (name + ".so");
}

// The value, or the end of the test with the error's sentence.
template <class T> T taken(Result<T> result) {
    if (!result) FAIL(to_string(result.error()));
    return std::move(*result);
}

using rsf::test::TempFolder;

inline void set_mode(const std::filesystem::path &path, unsigned mode) {
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
}

} // namespace rsf::drivers::test
