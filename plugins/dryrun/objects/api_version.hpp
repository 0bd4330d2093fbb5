// SPDX-License-Identifier: Apache-2.0
//
// api_version.hpp: the group and the version in an object's apiVersion. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace rsf::dryrun::objects {

// "apps" of "apps/v1"; empty for the core group.
inline std::string group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(api_version.substr(0, slash));
}

// "v1" of "apps/v1" and of "v1".
inline std::string version_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
}

} // namespace rsf::dryrun::objects
