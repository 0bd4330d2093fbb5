// SPDX-License-Identifier: Apache-2.0
#include "parse/document.hpp"

#include "parse/json/reader.hpp"
#include "parse/source_text.hpp"

namespace rsf::parse {

Place Places::find(std::string_view pointer) const {
    std::string_view known = pointer;
    for (;;) {
        if (const auto spot = spots_.find(known); spot != spots_.end())
            return {{}, spot->second.line, spot->second.column, std::string(pointer)};
        if (known.empty()) return {{}, 0, 0, std::string(pointer)};
        known = known.substr(0, known.rfind('/') == known.npos ? 0 : known.rfind('/'));
    }
}

void Places::add(std::string_view pointer, std::size_t line, std::size_t column) {
    spots_.insert_or_assign(std::string(pointer), Spot{line, column});
}

Result<Document> read_document(std::string_view text, const Limits &limits, std::size_t place_depth) {
    const std::string_view body = without_mark(text);
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (body[first] != '{' && body[first] != '['))
        return read_yaml(text, limits, place_depth);
    bool not_json = false;
    auto as_json = read_json(text, limits, place_depth, not_json);
    if (as_json || !not_json) return as_json;
    auto as_yaml = read_yaml(text, limits, place_depth);
    return as_yaml ? as_yaml : as_json;
}

} // namespace rsf::parse
