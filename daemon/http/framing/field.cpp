// SPDX-License-Identifier: Apache-2.0
#include "http/framing/field.hpp"

#include "http/syntax.hpp"

namespace rsf::http {

std::optional<std::string> fault_in_field(std::string_view line) {
    if (line[0] == ' ' || line[0] == '\t') return "A header line is folded: write each header on one line.";
    const auto colon = line.find(':');
    if (colon == line.npos) return "A header line has no colon."; // it may be a credential
    const auto name = line.substr(0, colon);
    if (name.ends_with(' ') || name.ends_with('\t'))
        return "The header " + in_quotes(trimmed(name)) + " has white space before its colon.";
    if (!is_token(name)) return "The header name " + in_quotes(name) + " is not a word that HTTP allows.";
    return std::nullopt;
}

} // namespace rsf::http
