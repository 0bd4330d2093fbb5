// SPDX-License-Identifier: Apache-2.0
//
// Masks what looks like a credential, known or not: credential programs may write credentials to standard error. Pure;
// thread-safe.
#pragma once

#include <string>

namespace rsf::kubectl::settings {

// text with "***" in the place of what stands in JSON as a token, key or password ("token": "..."), JSON web tokens, private keys
// in PEM, and what follows "Bearer" or "Basic".
std::string without_credential_shapes(std::string text);

} // namespace rsf::kubectl::settings
