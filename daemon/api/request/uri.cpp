// SPDX-License-Identifier: Apache-2.0
#include "api/request/uri.hpp"

#include "base/text.hpp"
#include "http/problem.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <optional>

namespace rsf::api {

namespace {

Problem bad(std::string detail) { return {400, "bad-uri", std::move(detail)}; }

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

} // namespace

OrProblem<std::string> percent_decode(std::string_view text, std::string_view what) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
            if (!high || !low)
                return bad("The " + std::string(what) + " " + in_quotes(text) +
                           " has a broken percent escape: write '%' and two hexadecimal digits, and '%25' for '%' itself.");
            out += static_cast<char>(*high << 4 | *low);
            i += 2;
        }
    }
    // printable() escapes exactly control characters and bad UTF-8.
    if (printable(out, out.size()) != out)
        return bad("The " + std::string(what) + " " + in_quotes(text) + " decodes to control characters or to bad UTF-8.");
    return out;
}

OrProblem<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        const std::string_view raw = path.substr(0, path.find('/'));
        path.remove_prefix(raw.size());
        if (raw.empty()) return bad("The path has an empty segment ('//', or a slash too many at its end).");
        auto segment = percent_decode(raw, "path segment");
        if (!segment) return segment.error();
        if (*segment == "." || *segment == "..")
            return bad("The path has the segment " + in_quotes(*segment) + ", which names nothing: send paths resolved.");
        segments.push_back(std::move(*segment));
    }
    return segments;
}

OrProblem<Query> split_query(std::string_view query, std::string_view repeatable) {
    Query out;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), "query parameter");
        if (!name) return name.error();
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), "query parameter");
        if (!value) return value.error();
        if (name->empty()) return bad("The query has a value without a name: " + in_quotes(pair) + ".");
        const auto is_same = [&](const auto &known) { return known.first == *name && *name != repeatable; };
        if (std::any_of(out.begin(), out.end(), is_same))
            return bad("The query parameter " + in_quotes(*name) + " is given twice: give it once.");
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

} // namespace rsf::api
