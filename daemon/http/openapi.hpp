// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace rsf::http {

// docs/openapi.json: the API's description, OpenAPI 3.1. tests/http/openapi_test.cpp holds it to what the API does.
extern const std::string_view openapi_document;

} // namespace rsf::http
