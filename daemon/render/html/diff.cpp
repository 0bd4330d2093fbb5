// SPDX-License-Identifier: Apache-2.0
#include "render/html/diff.hpp"

#include "render/diff_lines.hpp"
#include "render/html/text.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace rsf::render {

namespace {

using Kind = DiffLine::Kind;
using Block = std::vector<const DiffLine *>;

bool inside_character(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Where a removed line and the added line in its place begin and cease to differ; whole lines when they have nothing in common.
struct Difference {
    std::size_t lead = 0, trail = 0;

    Difference(std::string_view a, std::string_view b) {
        const std::size_t shorter = std::min(a.size(), b.size());
        while (lead < shorter && a[lead] == b[lead]) ++lead;
        while (lead > 0 && (inside_character(a, lead) || inside_character(b, lead))) --lead;
        while (trail < shorter - lead && a[a.size() - 1 - trail] == b[b.size() - 1 - trail]) ++trail;
        while (trail > 0 && (inside_character(a, a.size() - trail) || inside_character(b, b.size() - trail))) --trail;
    }

    std::string marked(std::string_view text) const {
        const std::string_view middle = text.substr(lead, text.size() - lead - trail);
        if (middle.empty() || text.substr(0, lead).find_first_not_of(' ') == std::string_view::npos) return escaped(text);
        return escaped(text.substr(0, lead)) + "<mark>" + escaped(middle) + "</mark>" + escaped(text.substr(text.size() - trail));
    }
};

void add_line(std::string &out, std::size_t number, char mark, const std::string &text) {
    out += "<div class=\"l\" data-n=\"" + (number == 0 ? "" : std::to_string(number)) + "\">";
    out += mark;
    out += text + "</div>";
}

void add_note(std::string &out, const DiffLine &line) { out += "<div class=\"note\">" + escaped(line.text) + "</div>"; }

// Context: shown once when unified, on both sides when not.
void add_context(std::string &out, const Block &block) {
    std::string left, right;
    for (const DiffLine *line : block) {
        if (line->kind == Kind::note) {
            add_note(left, *line);
            continue;
        }
        add_line(left, line->old_number, ' ', escaped(line->text));
        add_line(right, line->new_number, ' ', escaped(line->text));
    }
    out += "<div class=\"same\"><div class=\"old\">" + left + "</div><div class=\"new\" aria-hidden=\"true\">" + right +
           "</div></div>";
}

void add_change(std::string &out, const Block &block) {
    Block removed, added;
    for (const DiffLine *line : block) {
        if (line->kind == Kind::removed) removed.push_back(line);
        if (line->kind == Kind::added) added.push_back(line);
    }
    const bool pairs = removed.size() == added.size();
    std::string left, right;
    std::size_t pair = 0;
    std::string *side = &left;
    for (const DiffLine *line : block) {
        if (line->kind == Kind::note) {
            add_note(*side, *line);
            continue;
        }
        const bool is_old = line->kind == Kind::removed;
        if (!is_old && side == &left) {
            side = &right;
            pair = 0;
        }
        const std::string text =
            pairs ? Difference(removed[pair]->text, added[pair]->text).marked(line->text) : escaped(line->text);
        add_line(*side, is_old ? line->old_number : line->new_number, is_old ? '-' : '+', text);
        ++pair;
    }
    out += "<div class=\"change\"><div class=\"old\">" + left + "</div><div class=\"new\">" + right + "</div></div>";
}

bool is_change(const DiffLine &line) { return line.kind == Kind::removed || line.kind == Kind::added; }

} // namespace

std::string html_diff(std::string_view diff) {
    const std::vector<DiffLine> lines = lines_of_diff(diff);
    std::string out = "<div class=\"diff\">";
    for (std::size_t i = 0; i < lines.size();) {
        const DiffLine &first = lines[i];
        if (first.kind == Kind::header || first.kind == Kind::hunk) {
            const bool name = first.text.starts_with("--- ") || first.text.starts_with("+++ ");
            if (!name) out += "<div class=\"hunk\">" + escaped(first.text) + "</div>";
            ++i;
            continue;
        }
        // Removed lines behind added ones begin another change.
        Block block;
        const bool change = is_change(first);
        bool added = false;
        for (; i < lines.size() && lines[i].kind != Kind::header && lines[i].kind != Kind::hunk; ++i) {
            if (lines[i].kind != Kind::note) {
                if (is_change(lines[i]) != change || (added && lines[i].kind == Kind::removed)) break;
                added = added || lines[i].kind == Kind::added;
            }
            block.push_back(&lines[i]);
        }
        if (change)
            add_change(out, block);
        else
            add_context(out, block);
    }
    return out + "</div>";
}

} // namespace rsf::render
