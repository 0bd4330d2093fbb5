// SPDX-License-Identifier: Apache-2.0
//
// What labels a body may carry and which form of answer a client prefers (RFC 9110, 12). Pure.
#pragma once

#include "api/answer/problems.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rsf::api {

// A form that documents are answered in. The last three are for plans alone.
enum class Form { yaml, json, diff, markdown, html };

struct Format {
    Form form = Form::yaml;
    std::string_view label; // the Content-Type
};

enum class Answers { documents, plans };

// The form that headers ask for; YAML when they do not say. A 406 problem when they allow none.
OrProblem<Format> choose_format(const Headers &headers, Answers answers = Answers::documents);

// A 415 problem unless the body's label is one that is read here: JSON and YAML by their many names, in UTF-8. It may be missing
// only where there is no body: a web page can make a browser send a body without a label to any origin, but none with these
// labels.
std::optional<Problem> check_body_label(const Headers &headers, bool has_body);

// The value of a preference (RFC 7240), empty where it has none; the first counts. None: it is not asked for. It lives as long as
// headers.
std::optional<std::string_view> preference(const Headers &headers, std::string_view name);

// Whether the client wants failures of single resources to be a status of their own (Prefer: handling=strict, RFC 7240).
bool prefers_strict(const Headers &headers);

} // namespace rsf::api
