// SPDX-License-Identifier: Apache-2.0
//
// The path and the query of a request, taken apart (RFC 3986). Pure.
#pragma once

#include "api/answer/problems.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::api {

// text with its percent escapes decoded and each '+' made a space, as the manager's QueryEscape writes them. Refused: broken
// escapes, and what decodes to bad UTF-8 or to control characters. what: what the text is, for the sentence.
OrProblem<std::string> percent_decode(std::string_view text, std::string_view what);

// The decoded segments of "/a/b"; an encoded slash stays within its segment. Refused: empty ones, "." and "..".
OrProblem<std::vector<std::string>> split_path(std::string_view path);

using Query = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=2", decoded, in order. Refused: an empty name, a name given twice other than repeatable.
OrProblem<Query> split_query(std::string_view query, std::string_view repeatable = {});

} // namespace rsf::api
