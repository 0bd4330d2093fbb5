// SPDX-License-Identifier: Apache-2.0
#include "config/documents/documents.hpp"
#include "config/documents/rows.hpp"

namespace rsf::config {

namespace {

// For the argument of a macro, in quotes.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '"')
            out += "\\(dq";
        else
            out += c;
    }
    return out;
}

// A line of text, which must not be taken for a request.
std::string text_line(const std::string &text) {
    const bool looks_like_request = text.starts_with('.') || text.starts_with('\'');
    return (looks_like_request ? "\\&" : "") + text + "\n";
}

// Each sentence and each `literal` on a line of its own, as mdoc wants it; punctuation stays with the literal.
std::string in_mdoc(std::string_view text) {
    std::string out;
    std::string line;
    const auto end_line = [&] {
        if (!line.empty()) out += text_line(line);
        line.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            end_line();
            const std::size_t end = text.find('`', i + 1);
            out += ".Ql \"" + escaped(text.substr(i + 1, end - i - 1)) + "\"";
            for (i = end; i + 1 < text.size() && text[i + 1] != ' '; ++i) out += std::string(" ") + text[i + 1];
            out += "\n";
            if (i + 1 < text.size()) ++i; // the blank
        } else if (text[i] == ' ' && line.size() > 1 && line.ends_with('.')) {
            end_line();
        } else if (text[i] == ' ' && i + 1 < text.size() && text[i + 1] == '`') {
            end_line();
        } else {
            line += text[i];
        }
    }
    end_line();
    return out;
}

std::string item(const Row &row) {
    const std::string standard = written_default(row);
    return ".It Ic " + row.key + (standard.empty() ? "" : " : " + standard) + "\n" + in_mdoc(row.text) +
           (row.form.required ? "Required.\n" : "");
}

std::string items(const std::vector<Row> &rows, std::string_view group) {
    std::string out;
    for (const Row &row : rows)
        if (row.group == group) out += item(row);
    return out;
}

std::string target_items() {
    const std::vector<Row> rows = rows_of_target();
    std::string out;
    for (const Row &row : rows) {
        if (!row.group.empty()) continue;
        out += item(row);
        if (row.is_group()) out += ".Bl -tag -width Ds\n" + items(rows, row.key) + ".El\n";
    }
    return out;
}

} // namespace

std::string manual_page(std::string_view source) {
    const std::vector<Row> file = rows_of_file();
    return filled(source, {{"settings", items(file, "")}, {"limits", items(file, "limits")}, {"target", target_items()}});
}

} // namespace rsf::config
