// SPDX-License-Identifier: Apache-2.0
//
// deletion.hpp: what is remembered of an object that was deleted, or is about to be. Plain values.
#pragma once

#include "record.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rsf::dryrun::storage {

struct Deletion {
    static constexpr std::size_t most = 256; // that are remembered

    std::string file; // of the object, which names it: file_of(key)
    std::string uid;  // of the object that went: one that is made under its name later has another
    Origin origin;    // of that object
    Step by;
};

// The newer before the older, as many as are remembered.
inline std::vector<Deletion> joined(std::vector<Deletion> newer, const std::vector<Deletion> &older) {
    newer.insert(newer.end(), older.begin(), older.end());
    if (newer.size() > Deletion::most) newer.resize(Deletion::most);
    return newer;
}

} // namespace rsf::dryrun::storage
