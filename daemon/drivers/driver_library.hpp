// SPDX-License-Identifier: Apache-2.0
//
// A driver's library, loaded by a ladder of checks of which each has its own function and its own sentence. Immutable once
// loaded; stays mapped until the process exits.
#pragma once

#include "error.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct rsf_entry;

namespace rsf::daemon {

// The descriptor, copied and checked.
struct Descriptor {
    std::string name;
    std::string version;
    std::string vendor;
    std::string url;
    std::string summary;
    bool concurrent = false;
    std::uint64_t capabilities = 0;
    boost::json::object settings_schema;
    std::uint32_t abi_major = 0, abi_minor = 0;
    std::filesystem::path file;
};

std::vector<std::string> capability_names(std::uint64_t capabilities); // {"list", "get", ...}

class DriverLibrary {
  public:
    // Walks the ladder: absolute path, open, owner and mode of the file and every folder above it, ABI note, load, entry,
    // version, table, descriptor. Code of the file runs only once the note is good.
    static Result<std::shared_ptr<const DriverLibrary>> load(const std::filesystem::path &file);

    const Descriptor &descriptor() const { return descriptor_; }
    const rsf_entry &entry() const { return *entry_; }

  private:
    DriverLibrary() = default;
    Descriptor descriptor_;
    const rsf_entry *entry_ = nullptr;
};

} // namespace rsf::daemon
