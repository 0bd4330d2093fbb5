// SPDX-License-Identifier: Apache-2.0
//
// What a call's failure may tell people: nothing that is secret in the objects that it was to write. Pure; thread-safe.
#pragma once

#include "masking/secret_search.hpp"

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

// What the objects of these writes hold that is secret. Nothing for reads.
masking::SecretSearch secrets_posted(const std::vector<Call> &calls);

// What of objects, as JSON, is secret.
masking::SecretSearch secrets_in(const std::vector<std::string> &objects);

// An answer of the API that says no, without secrets: before its lines become one, for a value may have several. What it is read
// by (kind, reason, code) stays.
std::string shown_answer(std::string_view body, const masking::SecretSearch &secrets);

// error without secrets, and of a length that people read.
Error shown(const Error &error, const masking::SecretSearch &secrets);

} // namespace rsf::kubectl
