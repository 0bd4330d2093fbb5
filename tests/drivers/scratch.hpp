// SPDX-License-Identifier: Apache-2.0
//
// What the tests of drivers share: the libraries of tests/bad_drivers and a folder to play in.
#pragma once

#include "base/error.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace rsf::drivers::test {

inline std::filesystem::path library(const std::string &name) {
    return std::filesystem::path(TEST_BINARY_DIR) / "tests" / "bad_drivers" / (name + ".so");
}

// The value, or the end of the test with the error's sentence.
template <class T> T taken(Result<T> result) {
    if (!result) FAIL(to_string(result.error()));
    return std::move(*result);
}

// A folder of its own, with mode 0700, gone with this object.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rsf-drivers-XXXXXX").native();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ScratchFolder(const ScratchFolder &) = delete;
    ScratchFolder &operator=(const ScratchFolder &) = delete;
    ~ScratchFolder() { std::filesystem::remove_all(path_); }

    const std::filesystem::path &path() const { return path_; }

    // A copy of a good driver, for tests that spoil it from outside.
    std::filesystem::path copy_of(const std::string &name, const std::string &as) const {
        std::filesystem::copy_file(library(name), path_ / as, std::filesystem::copy_options::overwrite_existing);
        return path_ / as;
    }

    std::filesystem::path write(const std::string &name, std::string_view bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

inline void set_mode(const std::filesystem::path &path, unsigned mode) {
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
}

} // namespace rsf::drivers::test
