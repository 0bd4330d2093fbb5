// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace rsf::api {

// docs/openapi.json: the API's description, OpenAPI 3.1. tests/api/resources/openapi_test.cpp checks it against what the API
// does.
extern const std::string_view openapi_document;

} // namespace rsf::api
