// SPDX-License-Identifier: Apache-2.0
//
// A driver's library, loaded step by step: each check has a function and a message of its own. Immutable once
// loaded; stays mapped until the process exits, also when it is refused by a check that comes after the loading.
//
// The library is loaded through the descriptor that was checked, so that the file can't be replaced in between. Its name in the
// process is therefore /proc/PID/fd/N (/proc/PID/maps has the real one), and $ORIGIN in its run path leads nowhere: a driver that
// brings libraries of its own names their folder in full. What a library does while it is being loaded can't be contained: a
// constructor that throws, exits or crashes ends the process.
#pragma once

#include "base/error.hpp"
#include "drivers/trust/driver_file.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct rsf_entry;

namespace rsf::drivers {

// The descriptor, copied and checked.
struct Descriptor {
    std::string name;
    std::string version;
    std::string vendor;
    std::string url;
    std::string summary;
    bool concurrent = false;
    bool checks_revisions = false; // its writes obey Call::expected_revision
    std::uint64_t capabilities = 0;
    boost::json::object settings_schema;
    std::uint32_t abi_major = 0, abi_minor = 0;
    std::filesystem::path file;
};

std::vector<std::string> capability_names(std::uint64_t capabilities); // {"list", "get", ...}

// An available driver: its file and its descriptor. Immutable.
struct DriverKind {
    std::shared_ptr<const DriverFile> file;
    Descriptor descriptor;
};

class DriverLibrary {
  public:
    // The upper rungs of the ladder: library, entry, functions, descriptor. They run code of the file.
    static Result<std::shared_ptr<const DriverLibrary>> load(std::shared_ptr<const DriverFile> file,
                                                             const std::function<void(Rung)> &on = {});
    // The whole ladder.
    static Result<std::shared_ptr<const DriverLibrary>> load(const std::filesystem::path &file, AbiVersion spoken = own_abi(),
                                                             const std::function<void(Rung)> &on = {});

    const std::shared_ptr<const DriverKind> &kind() const { return kind_; }
    const Descriptor &descriptor() const { return kind_->descriptor; }
    const rsf_entry &entry() const { return *entry_; }

  private:
    DriverLibrary() = default;
    std::shared_ptr<const DriverKind> kind_;
    const rsf_entry *entry_ = nullptr;
};

} // namespace rsf::drivers
