// SPDX-License-Identifier: Apache-2.0
//
// file_name.hpp: where in the state folder an object's file is. Pure functions.
#pragma once

#include "object.hpp"

#include <string>
#include <string_view>

namespace rsf::dryrun {

// The part of a path that stands for text: letters, digits, "-", "_" and "." stay, anything else and a leading "." become %XX. A
// result too long for a file system is cut and ends in a digest of the whole.
std::string file_name(std::string_view text);

// default/ConfigMap, _cluster/ClusterRole.rbac.authorization.k8s.io
std::string folder_of(const Key &key);

// folder_of(key), "/", the name, ".json"
std::string file_of(const Key &key);

} // namespace rsf::dryrun
