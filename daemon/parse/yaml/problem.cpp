// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/problem.hpp"

#include "base/text.hpp"
#include "parse/source_text.hpp"
#include "parse/yaml/events.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <array>
#include <string>

namespace rsf::parse {

namespace {

struct Sentence {
    std::string_view problem; // how yaml-cpp's message begins
    std::string_view sentence;
};

namespace msg = YAML::ErrorMsg;
const std::array sentences = {
    Sentence{msg::YAML_DIRECTIVE_ARGS, "A %YAML directive takes exactly one version."},
    Sentence{msg::YAML_VERSION, "The %YAML directive's version can't be read; write 1.1 or 1.2."},
    Sentence{msg::YAML_MAJOR_VERSION, "The %YAML directive asks for a version that is not known; write 1.1 or 1.2."},
    Sentence{msg::REPEATED_YAML_DIRECTIVE, "The %YAML directive appears twice; remove one."},
    Sentence{msg::TAG_DIRECTIVE_ARGS, "A %TAG directive takes exactly a handle and a prefix."},
    Sentence{msg::REPEATED_TAG_DIRECTIVE, "The %TAG directive for this handle appears twice; remove one."},
    Sentence{msg::CHAR_IN_TAG_HANDLE, "This character is not allowed in a tag."},
    Sentence{msg::TAG_WITH_NO_SUFFIX, "The tag's handle has nothing after it."},
    Sentence{msg::END_OF_VERBATIM_TAG, "The tag that begins with !< has no closing >."},
    Sentence{msg::END_OF_MAP_FLOW, "The mapping in braces is not closed properly; a ',' or '}' is missing before this."},
    Sentence{msg::END_OF_MAP,
             "The mapping is not continued properly here; check the indentation, and that each key ends in ': '."},
    Sentence{msg::END_OF_SEQ_FLOW, "The list in brackets is not closed properly; a ',' or ']' is missing before this."},
    Sentence{msg::END_OF_SEQ,
             "The list is not continued properly here; check the indentation, and that each entry begins with '- '."},
    Sentence{msg::MULTIPLE_TAGS, "A value can't have two tags."},
    Sentence{msg::MULTIPLE_ANCHORS, "A value can't have two anchors."},
    Sentence{msg::INVALID_HEX, "The escape in double quotes needs hexadecimal digits."},
    Sentence{msg::INVALID_UNICODE, "The escape in double quotes names no Unicode character."},
    Sentence{msg::INVALID_ESCAPE, "This escape in double quotes is not known to YAML; write '\\\\' for a backslash."},
    Sentence{msg::DOC_IN_SCALAR,
             "A document marker (--- or ...) is inside quotes; the closing quote is missing, or indent the line."},
    Sentence{msg::EOF_IN_SCALAR, "The text ends inside quotes; the closing quote is missing."},
    Sentence{msg::TAB_IN_INDENTATION, "A tab is in the indentation; use spaces."},
    Sentence{msg::FLOW_END, "This closing bracket or brace matches none that is open."},
    Sentence{msg::BLOCK_ENTRY, "A list entry ('- ') can't begin here; begin it on a line of its own, indented."},
    Sentence{msg::MAP_KEY, "A key can't begin here; begin it on a line of its own."},
    Sentence{msg::MAP_VALUE,
             "The ':' here follows no key that could have a value; begin the key on a line of its own, or quote the text."},
    Sentence{msg::ALIAS_NOT_FOUND, "A '*' must be followed by the name of an anchor; quote the text if no alias is meant."},
    Sentence{msg::ANCHOR_NOT_FOUND, "A '&' must be followed by a name; quote the text if no anchor is meant."},
    Sentence{msg::CHAR_IN_ALIAS, "This character is not allowed in an alias; quote the text if no alias is meant."},
    Sentence{msg::CHAR_IN_ANCHOR, "This character is not allowed in an anchor; quote the text if no anchor is meant."},
    Sentence{msg::ZERO_INDENT_IN_BLOCK, "The indentation of a block scalar is at least 1."},
    Sentence{msg::CHAR_IN_BLOCK, "Nothing but a comment may follow '|' or '>' on its line."},
    Sentence{msg::UNKNOWN_ANCHOR, "The alias names an anchor that is not defined before it."},
};

std::string unknown_token(std::string_view rest) {
    const std::string character = rest.empty() ? "This" : in_quotes(rest.substr(0, 1));
    return character + " can't begin a value here; quote the text if it is meant as text.";
}

} // namespace

Error explain_yaml_problem(const YAML::Exception &problem, std::string_view text) {
    const auto known =
        std::find_if(sentences.begin(), sentences.end(), [&](const Sentence &s) { return problem.msg.starts_with(s.problem); });
    std::string message;
    const bool at_end = static_cast<std::size_t>(std::max(problem.mark.pos, 0)) >= text.size();
    if (at_end && (problem.msg == msg::END_OF_MAP_FLOW || problem.msg == msg::END_OF_SEQ_FLOW))
        message = "The text ends inside brackets or braces; the closing one is missing.";
    else if (known != sentences.end())
        message = known->sentence;
    else if (problem.msg == msg::UNKNOWN_TOKEN)
        message = unknown_token(text.substr(std::min(static_cast<std::size_t>(std::max(problem.mark.pos, 0)), text.size())));
    else
        message = "The YAML can't be read: " + printable(problem.msg) + ".";
    return invalid(std::move(message)).at(place_of(problem.mark));
}

} // namespace rsf::parse
