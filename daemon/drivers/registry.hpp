// SPDX-License-Identifier: Apache-2.0
//
// The drivers to be had: the *.so files of the driver path, by the name in their descriptors. Built at start; immutable after.
#pragma once

#include "drivers/driver_library.hpp"

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace rsf::daemon {

class Registry {
  public:
    // Loads the *.so files of each folder, in order; the first driver of a name wins. A file that is refused, a folder that can't
    // be read and a name that is taken are remembered with their errors.
    static Registry scan(const std::vector<std::filesystem::path> &folders);

    // By name, or by absolute path of a file. The error says what was looked for where, the nearest name, and why files were
    // refused.
    Result<std::shared_ptr<const DriverLibrary>> find(std::string_view name) const;

    const std::vector<std::shared_ptr<const DriverLibrary>> &drivers() const { return drivers_; }
    const std::vector<Error> &refused() const { return refused_; }

  private:
    void add(const std::filesystem::path &file);
    Result<std::shared_ptr<const DriverLibrary>> find_file(const std::filesystem::path &file) const;

    std::vector<std::filesystem::path> folders_;
    std::vector<std::shared_ptr<const DriverLibrary>> drivers_;
    std::vector<Error> refused_;
};

} // namespace rsf::daemon
