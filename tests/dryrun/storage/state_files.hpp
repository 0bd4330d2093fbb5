// SPDX-License-Identifier: Apache-2.0
//
// state_files.hpp: helpers of tests that read and write the files of a state folder. Not thread-safe.
#pragma once

#include "dryrun/test_cluster.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace rsf::dryrun {

using rsf::test::read_file;

inline json::object in(const TempFolder &folder) { return {{"state", folder.path().string()}}; }

// Why a cluster on the folder is refused; empty: it is not.
inline std::string refusal(const TempFolder &folder) {
    try {
        TestCluster cluster(in(folder));
        return {};
    } catch (const Error &error) {
        return error.what();
    }
}

inline std::set<std::string> files_in(const std::filesystem::path &path) {
    std::set<std::string> files;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(path));
    return files;
}

} // namespace rsf::dryrun
