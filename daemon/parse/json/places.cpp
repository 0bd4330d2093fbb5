// SPDX-License-Identifier: Apache-2.0
#include "parse/json/places.hpp"

#include "parse/place_trail.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rsf::parse {

namespace {

struct Part {
    enum class Kind { key, scalar, begin_list, begin_map, end } kind = Kind::scalar;
    std::size_t begin = 0, end = 0; // offsets
};

class JsonTraversal {
  public:
    explicit JsonTraversal(std::string_view text) : text_(text) {}

    bool next(Part &part) {
        const std::size_t begin = text_.find_first_not_of(" \t\r\n,:", at_);
        if (begin == std::string_view::npos) return false;
        part.begin = begin;
        const char c = text_[begin];
        at_ = begin + 1;
        if (c == '{' || c == '[') {
            part.kind = c == '{' ? Part::Kind::begin_map : Part::Kind::begin_list;
            in_map_.push_back(c == '{');
            at_key_ = c == '{';
        } else if (c == '}' || c == ']') {
            part.kind = Part::Kind::end;
            if (!in_map_.empty()) in_map_.pop_back();
            value_done();
        } else {
            if (c == '"')
                skip_string();
            else
                at_ = std::min(text_.find_first_of(" \t\r\n,:]}", at_), text_.size());
            part.kind = at_key_ ? Part::Kind::key : Part::Kind::scalar;
            if (at_key_)
                at_key_ = false;
            else
                value_done();
        }
        part.end = at_;
        return true;
    }

    // Offsets must not go back.
    Spot spot(std::size_t offset) {
        for (; counted_ < offset; ++counted_) {
            if (text_[counted_] != '\n') continue;
            ++line_;
            line_start_ = counted_ + 1;
        }
        return {line_, offset - line_start_ + 1};
    }

  private:
    void value_done() { at_key_ = !in_map_.empty() && in_map_.back(); }

    void skip_string() {
        while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        at_ = std::min(at_ + 1, text_.size());
    }

    const std::string_view text_;
    std::size_t at_ = 0;
    std::vector<bool> in_map_;
    bool at_key_ = false;
    std::size_t counted_ = 0, line_ = 1, line_start_ = 0;
};

std::string key_of(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    return std::string(boost::json::parse(quoted).as_string());
}

} // namespace

Spot find_json_part(std::string_view text, std::size_t ordinal) {
    JsonTraversal traversal(text);
    Part part;
    while (traversal.next(part)) {
        if (part.kind != Part::Kind::end && --ordinal == 0) break;
    }
    return traversal.spot(part.begin);
}

void record_json_places(std::string_view text, std::size_t depth, Places &places) {
    struct Level {
        bool is_map;
        std::size_t index;
    };
    JsonTraversal traversal(text);
    PlaceTrail trail(places, depth);
    std::vector<Level> levels;
    Part part;
    while (traversal.next(part)) {
        const std::size_t level = levels.size();
        if (part.kind == Part::Kind::end) {
            levels.pop_back();
            continue;
        }
        if (level <= depth) {
            if (level == 0)
                trail.add_root(traversal.spot(part.begin));
            else if (part.kind == Part::Kind::key)
                trail.add_key(level, key_of(text.substr(part.begin, part.end - part.begin)), traversal.spot(part.begin));
            else if (!levels.back().is_map)
                trail.add_index(level, levels.back().index++, traversal.spot(part.begin));
        }
        if (part.kind == Part::Kind::begin_list || part.kind == Part::Kind::begin_map)
            levels.push_back({part.kind == Part::Kind::begin_map, 0});
    }
}

} // namespace rsf::parse
