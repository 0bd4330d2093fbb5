// SPDX-License-Identifier: Apache-2.0
//
// What labels a body may carry and which form of answer a client prefers (RFC 9110, 12). Pure.
#pragma once

#include "http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

// A form that documents are answered in. The last three are for plans alone.
enum class Form { yaml, json, diff, markdown, html };

struct Format {
    Form form = Form::yaml;
    std::string_view label; // the Content-Type
};

enum class Answers { documents, plans };

// The form that headers ask for; YAML when they do not say. A 406 problem when they allow none.
OrProblem<Format> choose_format(const Headers &headers, Answers answers = Answers::documents);

// A 415 problem unless the body's label is one that is read here: JSON and YAML by their many names, in UTF-8. Only where there
// is no body it may be missing: a page in a browser can make it send a body without a label anywhere, and these labels nowhere.
std::optional<Problem> check_body_label(const Headers &headers, bool has_body);

// Whether the client wants failures of single resources to be a status of their own (Prefer: handling=strict, RFC 7240).
bool prefers_strict(const Headers &headers);

} // namespace rsf::http
