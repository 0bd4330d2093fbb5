// SPDX-License-Identifier: Apache-2.0
//
// The paths of types and objects in the Kubernetes API. Every path that is requested is made here. Each part is checked against
// its grammar and encoded, so that it can't become another part or a query. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::kubectl::api {

// text as one segment of a path, or one value of a query (RFC 3986, 2.1).
std::string percent_encoded(std::string_view text);

// path with these names and values in its query, but for those without a value. The names stand as they are.
std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string_view>> query);

// "/api/v1", "/apis/apps/v1". Throws Error (invalid) when it can't be one.
std::string group_path(std::string_view api_version);

// "/apis/apps/v1/namespaces/NS/deployments/NAME"; ns and name: left out where they are empty. Throws Error (invalid) for a part
// that can't be one.
std::string resource_path(std::string_view api_version, std::string_view plural, std::string_view ns, std::string_view name = {});

// Where an object is that the cluster returned: its own metadata.selfLink, which API servers up to 1.19 set, if that is a path of
// this name and nothing else. Empty for kinds that are not built in (their plural is not known here), and for an object with an
// identity that can't be one.
std::string api_path(const json::object &live);

} // namespace rsf::kubectl::api
