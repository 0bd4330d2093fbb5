// SPDX-License-Identifier: Apache-2.0
//
// A driver's file that passed the lower rungs of the ladder, before any of its code ran. Immutable, thread-safe; stays open, so
// that it can't be replaced by another file.
#pragma once

#include "base/error.hpp"
#include "drivers/trust/elf_note.hpp"
#include "drivers/trust/trusted_file.hpp"

#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <sys/types.h>

namespace rsf::drivers {

// The ladder's rungs, from the lowest.
enum class Rung { file, note, version, library, entry, functions, descriptor };

// The driver ABI of this daemon.
AbiVersion own_abi();

class DriverFile {
  public:
    // Absolute path, owner and mode of every folder above the file and of the file, ABI note, version. spoken: other than
    // own_abi() in tests only. on: called with each rung before it is tried.
    static Result<std::shared_ptr<const DriverFile>> open(const std::filesystem::path &file, AbiVersion spoken = own_abi(),
                                                          const std::function<void(Rung)> &on = {});
    // The same file in a process that was handed its descriptor.
    static Result<std::shared_ptr<const DriverFile>> inherit(FileDescriptor opened, const std::filesystem::path &file);
    DriverFile(const DriverFile &) = delete;
    DriverFile &operator=(const DriverFile &) = delete;

    const std::filesystem::path &path() const { return path_; }
    AbiVersion abi() const { return abi_; }
    int descriptor() const { return opened_.get(); }

    // Whether other is the same file, and was not written in between.
    bool is_same(const DriverFile &other) const;

  private:
    DriverFile() = default;
    Result<void> check();

    std::filesystem::path path_;
    FileDescriptor opened_;
    AbiVersion abi_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    std::timespec written_{};
};

} // namespace rsf::drivers
