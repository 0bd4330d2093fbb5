// SPDX-License-Identifier: Apache-2.0
//
// Masks in a call's failure the secrets of the objects that it was to write. Pure; thread-safe.
#pragma once

#include "masking/secret_search.hpp"

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::errors {

// What the objects of these writes hold that is secret. Nothing for reads.
masking::SecretSearch secrets_posted(const std::vector<Call> &calls);

// What of objects, as JSON, is secret.
masking::SecretSearch secrets_in(const std::vector<std::string> &objects);

// An error answer of the API without secrets. Masked before its lines are joined, since a secret may have several lines; kind,
// reason and code stay.
std::string shown_answer(std::string_view body, const masking::SecretSearch &secrets);

// error without secrets, shortened to 4 KiB.
Error shown(const Error &error, const masking::SecretSearch &secrets);

} // namespace rsf::kubectl::errors
