// SPDX-License-Identifier: Apache-2.0
//
// What looks like a credential, whoever's it is: programs that get credentials for kubectl write them where they should write
// errors. Pure; thread-safe.
#pragma once

#include <string>

namespace rsf::kubectl {

// text with "***" in the place of what stands in JSON as a token, key or password ("token": "..."), JSON web tokens, private keys
// in PEM, and what follows "Bearer" or "Basic".
std::string without_credential_shapes(std::string text);

} // namespace rsf::kubectl
