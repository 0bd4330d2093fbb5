// SPDX-License-Identifier: Apache-2.0
//
// How often the files of the simulated cluster's state folder were written and removed, as the kernel tells. What was written is
// not seen: by the time that a file is read it may be another one. Not thread-safe.
#pragma once

#include "crash/history.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rsf::test::crash {

class FolderWatch {
  public:
    // folder: of the objects' files. Made if it is not there.
    explicit FolderWatch(const std::filesystem::path &folder);
    ~FolderWatch();
    FolderWatch(const FolderWatch &) = delete;
    FolderWatch &operator=(const FolderWatch &) = delete;

    // What happened since the last call, by object, without markers. Nothing: it was too much for the kernel to keep.
    std::optional<std::map<std::string, std::vector<Event>>> take();

  private:
    int descriptor_;
};

} // namespace rsf::test::crash
