// SPDX-License-Identifier: Apache-2.0
#include "parse/reference_text.hpp"

#include "base/text.hpp"

#include <charconv>
#include <utility>

namespace rsf::parse {

namespace {

constexpr std::string_view opening = "$(ref.", escaped = "$$(ref.";
constexpr std::string_view not_in_keys = ".[]()'\"$ \t\r\n";

// ['key'] or [n], of which text begins with '['.
Result<PathStep> take_bracket(std::string_view &text) {
    text.remove_prefix(1);
    if (text.starts_with('\'')) {
        std::string key;
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] != '\'') {
                key += text[i];
            } else if (i + 1 < text.size() && text[i + 1] == '\'') {
                key += text[i++];
            } else if (i + 1 < text.size() && text[i + 1] == ']' && !key.empty()) {
                text.remove_prefix(i + 2);
                return PathStep(std::move(key));
            } else {
                break;
            }
        }
        return invalid("has a quoted key that is empty or does not end in ']");
    }
    std::size_t index = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), index);
    const auto used = static_cast<std::size_t>(end - text.data());
    if (ec != std::errc{} || used == text.size() || text[used] != ']')
        return invalid("has something other than [number] or ['key'] in brackets");
    text.remove_prefix(used + 1);
    return PathStep(index);
}

// "NAME.PATH)" behind the opening.
Result<Reference> take_reference(std::string_view &text) {
    const std::size_t dot = text.find_first_of(".)");
    if (dot == std::string_view::npos) return invalid("has no end; close it with ')'");
    if (dot == 0) return invalid("has no resource's name");
    if (text[dot] == ')') return invalid("has no path; write $(ref.NAME.PATH)");
    Reference reference;
    reference.name = text.substr(0, dot);
    text.remove_prefix(dot + 1);
    const std::string_view path = text;
    if (auto steps = take_path(text); !steps) return steps.error();
    reference.path = path.substr(0, path.size() - text.size());
    if (text.empty()) return invalid("has no end; close it with ')'");
    if (text.front() != ')')
        return invalid("has something else than a key in its path; write such a key as ['key'], and end with ')'");
    text.remove_prefix(1);
    return reference;
}

} // namespace

Result<std::vector<PathStep>> take_path(std::string_view &text) {
    std::vector<PathStep> steps;
    for (bool key_due = true;; key_due = false) {
        if (text.starts_with('[')) {
            auto step = take_bracket(text);
            if (!step) return step.error();
            steps.push_back(std::move(step.value()));
        } else if (key_due || text.starts_with('.')) {
            if (!key_due) text.remove_prefix(1);
            const std::string_view key = text.substr(0, text.find_first_of(not_in_keys));
            if (key.empty()) return invalid("has an empty part in its path");
            steps.emplace_back(std::string(key));
            text.remove_prefix(key.size());
        } else {
            return steps;
        }
    }
}

bool may_hold_reference(std::string_view text) { return text.find(opening) != std::string_view::npos; }

Result<std::vector<Piece>> split_references(std::string_view text) {
    std::vector<Piece> pieces;
    std::string plain;
    while (!text.empty()) {
        const std::size_t at = text.find(opening);
        if (at == std::string_view::npos) break;
        if (at > 0 && text[at - 1] == '$') {
            plain += text.substr(0, at - 1);
            plain += opening;
            text.remove_prefix(at + opening.size());
            continue;
        }
        plain += text.substr(0, at);
        if (!plain.empty()) pieces.emplace_back(std::exchange(plain, {}));
        text.remove_prefix(at + opening.size());
        auto reference = take_reference(text);
        if (!reference) // the text after its beginning may be anything, even a password
            return invalid("The reference that begins with " + std::string(opening) + " here " + reference.error().message +
                           ". Write '" + std::string(escaped) + "' for '" + std::string(opening) + "' that is text itself.");
        pieces.emplace_back(std::move(reference.value()));
    }
    plain += text;
    if (!plain.empty()) pieces.emplace_back(std::move(plain));
    return pieces;
}

} // namespace rsf::parse
