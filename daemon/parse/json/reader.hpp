// SPDX-License-Identifier: Apache-2.0
//
// read_json with one more result, for read_document. Thread-safe.
#pragma once

#include "parse/document.hpp"

namespace rsf::parse {

// not_json: set when the text breaks JSON's grammar, and so may be meant as YAML.
Result<Document> read_json(std::string_view text, const Limits &limits, std::size_t place_depth, bool &not_json);

} // namespace rsf::parse
