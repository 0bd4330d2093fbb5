// SPDX-License-Identifier: Apache-2.0
//
// What of an object is secret: the values of Kubernetes' Secrets, wherever they stand in it. Pure functions.
#pragma once

#include <boost/json.hpp>

#include <functional>
#include <string_view>

namespace rsf::masking {

namespace json = boost::json;

// Whether a part of this text will be replaced by another one: $(ref.NAME.PATH).
bool has_reference(std::string_view text);

// Whether it is a Secret of Kubernetes, however its kind and its apiVersion are spelt, or may become one. type: of the resource
// that the object is, as clients write it, for one that leaves its kind to that; empty: unknown.
bool is_secret(const json::object &object, std::string_view type = {});

// Whether a field of a Secret, or of its metadata, is known to hold nothing secret. Any other may be a misspelt field for its
// values ("stringdata"), or one that was indented too far: it is as secret as they are.
bool is_public_in_secret(std::string_view key);
bool is_public_in_metadata(std::string_view key);

// Visits what Secrets in object hold, as bytes, whatever field holds it; what their annotations say that they held before; and
// passwords, tokens and the like within a value that is JSON, lines of settings or a URL, since these are copied by themselves.
// The same may come twice.
void each_secret(const json::object &object, std::string_view type, const std::function<void(std::string_view)> &visit);

// Visits text, and such parts of it.
void each_secret_part(std::string_view text, const std::function<void(std::string_view)> &visit);

} // namespace rsf::masking
