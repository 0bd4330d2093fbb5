// SPDX-License-Identifier: Apache-2.0
//
// A driver's file that was found good before any of its code ran: the lower rungs of the ladder. Immutable, thread-safe; stays
// open, so that it can come to mean no other file.
#pragma once

#include "base/error.hpp"
#include "drivers/elf_note.hpp"
#include "drivers/trusted_file.hpp"

#include <atomic>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <sys/types.h>

namespace rsf::drivers {

// The ladder's rungs, from the ground.
enum class Rung { file, note, version, library, entry, functions, descriptor };

// The driver ABI that this daemon speaks.
AbiVersion own_abi();

class DriverFile {
  public:
    // Absolute path, owner and mode of every folder above the file and of the file, ABI note, version. spoken: other than
    // own_abi() in tests only. on: told of each rung before it is tried.
    static Result<std::shared_ptr<const DriverFile>> open(const std::filesystem::path &file, AbiVersion spoken = own_abi(),
                                                          const std::function<void(Rung)> &on = {});
    // The same file in a process that was handed its descriptor.
    static Result<std::shared_ptr<const DriverFile>> inherit(FileDescriptor opened, const std::filesystem::path &file);
    ~DriverFile();
    DriverFile(const DriverFile &) = delete;
    DriverFile &operator=(const DriverFile &) = delete;

    const std::filesystem::path &path() const { return path_; }
    AbiVersion abi() const { return abi_; }
    int descriptor() const { return opened_.get(); }
    // From now on the descriptor is never closed, not even with this object.
    void pin() const { pinned_ = true; }

    // Whether other is the same file, and was not written in between.
    bool is_same(const DriverFile &other) const;

  private:
    DriverFile() = default;
    Result<void> look();

    std::filesystem::path path_;
    FileDescriptor opened_;
    AbiVersion abi_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    std::timespec written_{};
    mutable std::atomic<bool> pinned_ = false;
};

} // namespace rsf::drivers
