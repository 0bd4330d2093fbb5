// SPDX-License-Identifier: Apache-2.0
//
// Converts a Secret's stringData to data, as the API server does. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::kubectl::api {

// Of a Secret: puts what stringData says into data, as the API server does: it wins over data of the same key. Sent as it was
// posted, the fields that server-side apply takes note of would be those of stringData, which no object has, so that a key that
// is taken out later stays. Throws Error (invalid) where an entry is not a string, naming its place and never its value, which
// API servers quote. Nothing else is touched. https://kubernetes.io/docs/concepts/configuration/secret/
void store_string_data(json::object &object);

} // namespace rsf::kubectl::api
