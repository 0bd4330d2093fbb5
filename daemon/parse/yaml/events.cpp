// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/events.hpp"

#include "parse/source_text.hpp"
#include "parse/yaml/blocks.hpp"
#include "parse/yaml/breaks.hpp"
#include "parse/yaml/quotes.hpp"
#include "parse/yaml/scalar.hpp"

#include <algorithm>

namespace rsf::parse {

namespace json = boost::json;

namespace {

constexpr std::string_view merge_tag = "tag:yaml.org,2002:merge";

// What yaml-cpp keeps for every anchor and for every place where a block collection could begin.
constexpr std::size_t anchor_bytes = 128, indent_bytes = 40;

std::size_t offset_of(int position) { return static_cast<std::size_t>(std::max(position, 0)); }

bool is_merge_key(const std::string &tag, const std::string &text) { return text == "<<" && (tag == "?" || tag == merge_tag); }

} // namespace

Spot spot_of(const YAML::Mark &mark) {
    return {static_cast<std::size_t>(std::max(mark.line, 0)) + 1, static_cast<std::size_t>(std::max(mark.column, 0)) + 1};
}

Place place_of(const YAML::Mark &mark) {
    if (mark.is_null()) return {};
    const Spot spot = spot_of(mark);
    return {{}, spot.line, spot.column, {}};
}

YamlEvents::YamlEvents(std::string_view text, const Limits &limits, std::size_t place_depth, Places &places,
                       ScannerLimit &scanner_limit)
    : text_(text), has_tabs_(text.find('\t') != std::string_view::npos),
      has_broken_escapes_(text.find("\\_") != std::string_view::npos || text.find("\\N") != std::string_view::npos),
      separators_(count_separators(text)), scanner_limit_(scanner_limit), builder_(limits), trail_(places, place_depth) {}

void YamlEvents::OnDocumentStart(const YAML::Mark &) { scanner_limit_.reset(builder_.bytes()); }

void YamlEvents::OnDocumentEnd() {
    if (last_scalar_ >= 0 && !quotes_are_closed(text_, offset_of(last_scalar_)))
        refuse("The quotes that open here are never closed.", last_spot_);
}

void YamlEvents::finish() const {
    if (separators_in_quotes_ != separators_) refuse_separators_elsewhere();
}

// yaml-cpp takes any character into a name; libyaml, and so go-yaml, ends it earlier.
void YamlEvents::OnAnchor(const YAML::Mark &mark, const std::string &name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!plain) refuse("The anchor's name holds more than letters, digits, '_' and '-'; rename it.", spot_of(mark));
}

void YamlEvents::OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) {
    scanner_limit_.reset(builder_.bytes());
    const Spot spot = spot_of(mark);
    if (at_key()) refuse("A key is empty or null here; a key must be text, or quote it.", spot);
    refuse_missing_value(mark);
    note_place(spot);
    builder_.add(nullptr, spot);
    value_done(anchor, spot, false);
}

void YamlEvents::OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) {
    scanner_limit_.reset(builder_.bytes());
    const Spot spot = spot_of(mark);
    const Anchored *anchored = anchor < anchors_.size() ? &anchors_[anchor] : nullptr;
    if (!anchored || !anchored->complete) refuse("The alias is inside the value that it refers to; remove it.", spot);
    if (at_key()) {
        take_key(anchored->value, mark);
        return;
    }
    note_place(spot);
    builder_.add_copy(anchored->value, anchored->cost, spot);
    value_done(0, spot, true);
}

// Of a scalar that is not plain, where yaml-cpp reads another value than the text says; else empty.
std::string YamlEvents::whole_text(const YAML::Mark &mark, const std::string &read) const {
    if (read.ends_with('\n'))
        if (const auto breaks = breaks_at_end(text_, offset_of(mark.pos), read))
            return read.substr(0, read.find_last_not_of('\n') + 1).append(*breaks, '\n');
    return has_broken_escapes_ ? with_whole_escapes(read) : std::string();
}

void YamlEvents::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, const std::string &read) {
    scanner_limit_.reset(builder_.bytes());
    const std::string whole = tag != "?" ? whole_text(mark, read) : std::string();
    const std::string &text = whole.empty() ? read : whole;
    if (separators_ != 0) count_separators_in(quoted_at(text_, offset_of(mark.pos)));
    if (has_tabs_) refuse_tab_before(mark, !levels_.empty() && levels_.back().flow);
    const Spot spot = spot_of(mark);
    last_scalar_ = mark.pos;
    last_spot_ = spot;
    if (tag != "?" && (text.empty() || text.back() == '\n')) refuse_misread_quotes(mark, text);
    if (at_key() && is_merge_key(tag, text)) {
        note_key(mark);
        levels_.back().merging = true;
        return;
    }
    if (at_key() && anchor == 0 && (tag == "!" || (tag == "?" && is_plain_string(text)))) { // most keys
        builder_.key(text, spot);
        note_key(mark);
        return;
    }
    Scalar scalar = resolve_scalar(tag, text);
    if (const auto *bad = std::get_if<BadScalar>(&scalar)) refuse(bad->why, spot);
    auto &value = std::get<json::value>(scalar);
    if (at_key()) {
        if (anchor != 0) keep_anchor(anchor, value, spot);
        take_key(value, mark);
        return;
    }
    note_place(spot);
    builder_.add(std::move(value), spot);
    if (!levels_.empty() && !levels_.back().is_map && !levels_.back().flow) builder_.charge(0, indent_bytes, spot);
    value_done(anchor, spot, false);
}

void YamlEvents::OnSequenceStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                                 YAML::EmitterStyle::value style) {
    begin(mark, anchor, false, style == YAML::EmitterStyle::Flow);
}

void YamlEvents::OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    begin(mark, anchor, true, style == YAML::EmitterStyle::Flow);
}

void YamlEvents::begin(const YAML::Mark &mark, YAML::anchor_t anchor, bool is_map, bool flow) {
    scanner_limit_.reset(builder_.bytes());
    const bool in_flow = !levels_.empty() && levels_.back().flow;
    if (has_tabs_) refuse_tab_before(mark, in_flow);
    const Spot spot = spot_of(mark);
    if (at_key()) refuse("A list or mapping can't be a key.", spot);
    if (flow) refuse_tag_with_bracket(mark);
    note_place(spot);
    if (is_map)
        builder_.begin_map(spot);
    else
        builder_.begin_list(spot);
    if (!flow) builder_.charge(0, indent_bytes, spot);
    if (anchor != 0) {
        builder_.charge(0, anchor_bytes, spot);
        anchors_.resize(std::max(anchors_.size(), anchor + 1));
    }
    levels_.push_back({is_map, flow || in_flow, is_map, false, anchor, spot, spot});
}

void YamlEvents::end() {
    scanner_limit_.reset(builder_.bytes());
    const Level level = levels_.back();
    builder_.end();
    levels_.pop_back();
    value_done(level.anchor, level.spot, false);
}

void YamlEvents::take_key(const json::value &value, const YAML::Mark &mark) {
    const Spot spot = spot_of(mark);
    std::string key;
    if (!key_text(value, key))
        refuse(value.is_structured() ? "A list or mapping can't be a key."
               : value.is_null()     ? "A key is empty or null here; a key must be text, or quote it."
                                     : "A whole number this large can't be a key; quote it.",
               spot);
    builder_.key(key, spot);
    note_key(mark);
}

void YamlEvents::note_key(const YAML::Mark &mark) {
    levels_.back().expects_key = false;
    levels_.back().key_spot = spot_of(mark);
    levels_.back().key_offset = mark.pos;
    if (!levels_.back().flow && one_scalar_follows(text_, offset_of(mark.pos))) scanner_limit_.expect_one_scalar();
}

void YamlEvents::note_place(Spot spot) {
    const std::size_t level = levels_.size();
    if (!trail_.wants(level)) return;
    builder_.charge(0, PlaceTrail::cost, spot);
    if (level == 0)
        trail_.add_root(spot);
    else if (!levels_.back().is_map)
        trail_.add_index(level, builder_.count(), spot);
    else
        trail_.add_key(level, levels_.back().merging ? "<<" : builder_.last_key(), levels_.back().key_spot);
}

void YamlEvents::value_done(YAML::anchor_t anchor, Spot spot, bool from_alias) {
    if (anchor != 0) keep_anchor(anchor, builder_.last(), spot);
    if (levels_.empty() || !levels_.back().is_map) return;
    levels_.back().expects_key = true;
    if (levels_.back().merging) {
        levels_.back().merging = false;
        merge_last(spot, from_alias);
    }
}

void YamlEvents::keep_anchor(YAML::anchor_t anchor, const json::value &value, Spot spot) {
    const Cost cost = cost_of(value);
    builder_.charge(cost.nodes, cost.bytes + anchor_bytes, spot);
    anchors_.resize(std::max(anchors_.size(), anchor + 1));
    anchors_[anchor] = {value, cost, true};
}

void YamlEvents::merge_last(Spot spot, bool from_alias) {
    const auto refuse_value = [&] { refuse("The merge key '<<' takes a mapping, an alias of one, or a list of those.", spot); };
    const json::value value = builder_.take_last();
    if (const json::object *entries = value.if_object()) {
        builder_.merge(*entries, spot);
        return;
    }
    const json::array *list = from_alias ? nullptr : value.if_array();
    if (!list) refuse_value();
    for (const json::value &item : *list)
        if (!item.is_object()) refuse_value();
    for (std::size_t i = list->size(); i-- > 0;) builder_.merge((*list)[i].get_object(), spot); // earlier ones win
}

void YamlEvents::count_separators_in(std::string_view quoted) {
    const std::size_t count = count_separators(quoted);
    if (count == 0) return;
    separators_in_quotes_ += count;
    quoted_.push_back(quoted);
}

// To go-yaml they are line breaks everywhere, to yaml-cpp characters like any other: only in quoted texts is that the same.
void YamlEvents::refuse_separators_elsewhere() const {
    auto quoted = quoted_.begin(); // in the order in which they stand in the text
    for (std::size_t at = find_separator(text_); at != std::string_view::npos; at = find_separator(text_, at + 1)) {
        const char *const here = text_.data() + at;
        while (quoted != quoted_.end() && here >= quoted->data() + quoted->size()) ++quoted;
        if (quoted != quoted_.end() && here >= quoted->data()) continue;
        const Place place = place_at(text_, at);
        refuse("A line break of Unicode (U+2028 or U+2029) is outside of quotes; write \"\\L\" or \"\\P\" in double quotes.",
               {place.line, place.column});
    }
}

// libyaml, and so go-yaml, takes no tab before what could be a key: at the start of a line, and behind "- " and "? ".
void YamlEvents::refuse_tab_before(const YAML::Mark &mark, bool in_flow) const {
    if (in_flow || mark.pos <= 0) return;
    std::size_t i = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    bool tab = false;
    while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) tab |= text_[--i] == '\t';
    if (!tab) return;
    const bool line_start = i == 0 || text_[i - 1] == '\n' || text_[i - 1] == '\r';
    const bool after_indicator = i > 0 && (text_[i - 1] == '-' || text_[i - 1] == '?') &&
                                 (i == 1 || text_[i - 2] == ' ' || text_[i - 2] == '\n' || text_[i - 2] == '\t');
    if (line_start || after_indicator) refuse("A tab is in the indentation; use spaces.", spot_of(mark));
}

// To libyaml, and so to go-yaml, a bracket belongs to the tag that it follows without a blank.
void YamlEvents::refuse_tag_with_bracket(const YAML::Mark &mark) const {
    const std::size_t offset = skip_properties(text_, offset_of(mark.pos), false);
    if (offset >= text_.size() || text_[offset] != '!') return;
    const std::size_t end = text_.find_first_of(" \t\r\n[{", offset);
    if (end != std::string_view::npos && (text_[end] == '[' || text_[end] == '{'))
        refuse("A space is needed between a tag and the bracket after it.", spot_of(mark));
}

// What yaml-cpp takes for null and libyaml does not: a key with nothing behind it at the end of a block mapping, a tag with
// nothing behind it at the end of the document, a plain key whose ':' a flow indicator follows (there the ':' belongs to the
// key).
void YamlEvents::refuse_missing_value(const YAML::Mark &mark) const {
    const std::size_t offset = offset_of(mark.pos);
    if (offset >= text_.size()) return;
    const char here = text_[offset];
    if (here == '!' || (here == '&' && text_[skip_properties(text_, offset, false)] == '!'))
        refuse("The tag here has no value after it.", spot_of(mark));
    if (levels_.empty()) return;
    const Level &level = levels_.back();
    if (!level.is_map && level.flow && here == ',') refuse("A value is missing before this comma.", spot_of(mark));
    if (!level.is_map) return;
    if (!level.flow && mark.pos == level.key_offset && here != '?')
        refuse("The text here looks like a key, but no ':' follows it.", spot_of(mark));
    if (level.flow && mark.pos != level.key_offset && offset > 0 && text_[offset - 1] == ':')
        refuse("In braces and brackets a space must follow the ':' of a key without a value.", spot_of(mark));
}

// yaml-cpp drops line breaks from the end of quoted text; two blank lines or more before the closing quote show it.
void YamlEvents::refuse_misread_quotes(const YAML::Mark &mark, const std::string &text) const {
    const std::size_t breaks = breaks_before_closing_quote(text_, offset_of(mark.pos));
    if (breaks > 2 || (breaks == 2 && text.empty()))
        refuse("The blank lines before the closing quote are read differently by different readers; write \\n in double quotes.",
               spot_of(mark));
}

} // namespace rsf::parse
