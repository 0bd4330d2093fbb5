// SPDX-License-Identifier: Apache-2.0
//
// A folder for one test, gone with all that is in it when the test ends. Only its owner can write
// it, so that drivers may lie in it.
#pragma once

#include "support/files.hpp"

#include <filesystem>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace rsf::test {

class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "resourcifier-test-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no folder could be made as " + pattern);
        path_ = pattern;
    }
    ~TempFolder() {
        std::error_code ignored; // what can't be removed stays
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;

    const std::filesystem::path &path() const { return path_; }
    std::filesystem::path operator/(const std::filesystem::path &name) const { return path_ / name; }

    // Where the file is.
    std::filesystem::path write(const std::filesystem::path &name, std::string_view text) const {
        write_file(path_ / name, text);
        return path_ / name;
    }
    std::filesystem::path copy(const std::filesystem::path &file, const std::filesystem::path &as = {}) const {
        const std::filesystem::path copied = path_ / (as.empty() ? file.filename() : as);
        std::filesystem::copy_file(file, copied, std::filesystem::copy_options::overwrite_existing);
        return copied;
    }
    std::string read(const std::filesystem::path &name) const { return read_file(path_ / name); }

  private:
    std::filesystem::path path_;
};

} // namespace rsf::test
