// SPDX-License-Identifier: Apache-2.0
//
// file_name.hpp: the path of an object's file in the state folder. Pure functions. Uids are computed from these paths, too.
#pragma once

#include "record.hpp"

#include <string>
#include <string_view>

namespace rsf::dryrun::storage {

// text as a file name: letters, digits, "-", "_" and "." stay; other bytes and a leading "." become %XX. A name that is too long
// for a file system is cut and ends in a digest of the text.
std::string file_name(std::string_view text);

// default/ConfigMap, _cluster/ClusterRole.rbac.authorization.k8s.io
std::string folder_of(const Key &key);

// folder_of(key), "/", the name, ".json"
std::string file_of(const Key &key);

} // namespace rsf::dryrun::storage
