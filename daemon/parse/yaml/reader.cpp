// SPDX-License-Identifier: Apache-2.0
//
// read_yaml: yaml-cpp's events, read with go-yaml v2's meaning.
#include "parse/document.hpp"
#include "parse/source_text.hpp"
#include "parse/yaml/breaks.hpp"
#include "parse/yaml/events.hpp"
#include "parse/yaml/problem.hpp"
#include "parse/yaml/scanner_limit.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <stdexcept>

namespace rsf::parse {

namespace {

// yaml-cpp keeps a directive's words, 32 bytes for each of two: a long one is no use but to fill memory. And it takes about 0.3
// us for a line, however short: with 16 bytes in each, 8 MiB have these many.
constexpr std::size_t longest_directive = 1024, most_lines = 524'288;

std::optional<Error> find_costly_lines(std::string_view text) {
    const bool has_returns = text.find('\r') != std::string_view::npos;
    std::size_t lines = 0;
    for (std::size_t i = 0; i < text.size(); ++lines) {
        const std::size_t end = std::min(has_returns ? text.find_first_of("\r\n", i) : text.find('\n', i), text.size());
        if (text[i] == '%' && end - i > longest_directive)
            return invalid("This directive is longer than 1 KiB; shorten it.").at(place_at(text, i));
        if (lines == most_lines)
            return Error{
                Code::invalid, "The YAML has more than 524288 lines; send it in parts, or as JSON.", place_at(text, i), {}};
        i = end + 1;
    }
    return std::nullopt;
}

// Whether nothing but comments, blank lines and document markers is left: what templates leave at the end.
bool only_markers(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        std::string_view rest = line;
        if (rest.starts_with("---") || rest.starts_with("...")) {
            rest.remove_prefix(3);
            if (!rest.empty() && rest.find_first_of(" \t\r") != 0) return false;
        }
        const std::size_t first = rest.find_first_not_of(" \t\r");
        if (first != std::string_view::npos && rest[first] != '#') return false;
    }
    return true;
}

// Stops at the mark of the next event: asking yaml-cpp for more may never return.
struct NextStart {
    YAML::Mark mark;
};

struct NextProbe : YAML::EventHandler {
    void OnDocumentStart(const YAML::Mark &mark) override { throw NextStart{mark}; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark &, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark &, const std::string &, YAML::anchor_t, const std::string &) override {}
    void OnSequenceStart(const YAML::Mark &, const std::string &, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark &, const std::string &, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

// begin: where the last value of the document begins.
void refuse_what_follows(YAML::Parser &parser, std::string_view text, std::size_t begin) {
    if (!parser) return;
    if (const std::size_t directive = text.find("\n%", begin); directive != std::string_view::npos) {
        const Place place = place_at(text, directive + 1);
        refuse("A directive follows the document; remove it.", {place.line, place.column});
    }
    try {
        NextProbe probe;
        parser.HandleNextDocument(probe);
    } catch (const NextStart &next) {
        const auto offset = std::min(static_cast<std::size_t>(std::max(next.mark.pos, 0)), text.size());
        const std::string_view rest = text.substr(offset);
        if (only_markers(rest)) return;
        const Spot spot = spot_of(next.mark);
        if (rest.starts_with("---")) refuse("A further document begins here; send one document at a time.", spot);
        refuse("The document has ended before this; check the indentation, the quotes and the brackets here.", spot);
    }
}

Result<Document> read(std::string_view text, const Limits &limits, std::size_t place_depth) {
    Document document;
    ScannerLimit scanner_limit(text, limits.bytes);
    std::istream stream(&scanner_limit);
    YamlEvents events(text, limits, place_depth, document.places, scanner_limit);
    YAML::Parser parser(stream);
    try {
        if (parser.HandleNextDocument(events)) refuse_what_follows(parser, text, events.last_offset());
        events.finish();
    } catch (const ScannerLimitReached &refused) {
        return Error{
            Code::invalid,
            "What stands here, up to the end of its brackets, quotes or comments, has too many parts to be read at once; "
            "send JSON, or use block style.",
            place_at(text, refused.offset),
            {}};
    }
    document.memory = events.memory();
    document.value = events.take();
    return document;
}

} // namespace

Result<Document> read_yaml(std::string_view text, const Limits &limits, std::size_t place_depth) {
    text = without_mark(text);
    if (auto error = find_bad_text(text, TextKind::yaml)) return *std::move(error);
    std::string known;
    if (has_unknown_breaks(text)) text = known = with_known_breaks(text);
    if (auto error = find_costly_lines(text)) return *std::move(error);
    try {
        return read(text, limits, place_depth);
    } catch (const Refused &refused) {
        return refused.error;
    } catch (const YAML::DeepRecursion &problem) {
        return invalid("Lists and mappings are nested too deep here.").at(place_of(problem.mark));
    } catch (const YAML::Exception &problem) {
        return explain_yaml_problem(problem, text);
    } catch (const std::exception &problem) {
        return invalid(std::string("The YAML can't be read: ") + problem.what() + ".");
    }
}

} // namespace rsf::parse
