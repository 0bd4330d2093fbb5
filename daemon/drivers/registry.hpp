// SPDX-License-Identifier: Apache-2.0
//
// The drivers that are available: the *.so files of the driver path, by the name in their descriptors. Immutable once built.
#pragma once

#include "drivers/abi/driver_library.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace rsf::drivers {

// Reads a driver's descriptor, for which its library must be loaded, in this process or another.
using Describe = std::function<Result<std::shared_ptr<const DriverKind>>(const std::shared_ptr<const DriverFile> &)>;

// Loads it in this process: for drivers that are trusted to run in it.
Result<std::shared_ptr<const DriverKind>> describe_here(const std::shared_ptr<const DriverFile> &file);

class Registry {
  public:
    // Looks at the *.so files of each folder, in order; the first driver of a name wins. A file that is refused, a folder that
    // can't be read and a name that is taken are remembered with their errors.
    static Registry scan(const std::vector<std::filesystem::path> &folders, Describe describe);

    // By name, or by absolute path of a file. The error says what was looked for where, the nearest name, and why files were
    // refused; refused() says which folders can't be read.
    Result<std::shared_ptr<const DriverKind>> find(std::string_view name) const;

    const std::vector<std::shared_ptr<const DriverKind>> &drivers() const { return drivers_; }
    const std::vector<Error> &refused() const { return refused_; }

  private:
    void add(const std::filesystem::path &file);
    Result<std::shared_ptr<const DriverKind>> find_file(const std::filesystem::path &file) const;

    Result<std::shared_ptr<const DriverKind>> look_at(const std::filesystem::path &file) const;

    std::vector<std::filesystem::path> folders_;
    Describe describe_;
    std::vector<std::shared_ptr<const DriverKind>> drivers_;
    std::vector<Error> refused_;
};

} // namespace rsf::drivers
