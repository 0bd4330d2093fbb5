// SPDX-License-Identifier: Apache-2.0
//
// yaml-cpp's events made into a value: anchors, merge keys, tags, what go-yaml v2 refuses. For one document; not thread-safe.
// Throws Refused through yaml-cpp.
#pragma once

#include "parse/document.hpp"
#include "parse/place_trail.hpp"
#include "parse/value_builder.hpp"
#include "parse/yaml/scanner_limit.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::parse {

Spot spot_of(const YAML::Mark &mark);
Place place_of(const YAML::Mark &mark);

class YamlEvents : public YAML::EventHandler {
  public:
    // text, places and scanner_limit must outlive this.
    YamlEvents(std::string_view text, const Limits &limits, std::size_t place_depth, Places &places, ScannerLimit &scanner_limit);

    std::size_t memory() const { return builder_.bytes(); }
    boost::json::value take() { return builder_.take(); }

    // Checks what is outside of every value. Called once the document was read, whether or not there was one.
    void finish() const;

    // Where the last scalar begins, or 0.
    std::size_t last_offset() const { return static_cast<std::size_t>(last_scalar_ < 0 ? 0 : last_scalar_); }

    void OnDocumentStart(const YAML::Mark &mark) override;
    void OnDocumentEnd() override;
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, const std::string &text) override;
    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { end(); }
    void OnAnchor(const YAML::Mark &mark, const std::string &name) override;

  private:
    // An open list or mapping.
    struct Level {
        bool is_map = false, flow = false;
        bool expects_key = false;
        bool merging = false; // the next value belongs to a merge key
        YAML::anchor_t anchor = 0;
        Spot spot;
        Spot key_spot;
        int key_offset = 0;
    };
    struct Anchored {
        boost::json::value value;
        Cost cost;
        bool complete = false;
    };

    bool at_key() const { return !levels_.empty() && levels_.back().expects_key; }
    void begin(const YAML::Mark &mark, YAML::anchor_t anchor, bool is_map, bool flow);
    void end();
    void take_key(const boost::json::value &value, const YAML::Mark &mark);
    void note_key(const YAML::Mark &mark);
    std::string whole_text(const YAML::Mark &mark, const std::string &read) const;
    void note_place(Spot spot);
    void value_done(YAML::anchor_t anchor, Spot spot, bool from_alias);
    void keep_anchor(YAML::anchor_t anchor, const boost::json::value &value, Spot spot);
    void merge_last(Spot spot, bool from_alias);
    void count_separators_in(std::string_view quoted);
    void refuse_separators_elsewhere() const;
    void refuse_tag_with_bracket(const YAML::Mark &mark) const;
    void refuse_missing_value(const YAML::Mark &mark) const;
    void refuse_misread_quotes(const YAML::Mark &mark, const std::string &text) const;
    void refuse_tab_before(const YAML::Mark &mark, bool in_flow) const;

    const std::string_view text_;
    const bool has_tabs_;
    const bool has_broken_escapes_; // of those that yaml-cpp makes single bytes of
    const std::size_t separators_;  // U+2028 and U+2029 in text_
    ScannerLimit &scanner_limit_;
    ValueBuilder builder_;
    PlaceTrail trail_;
    std::vector<Level> levels_;
    std::vector<Anchored> anchors_; // by yaml-cpp's number of the anchor
    int last_scalar_ = -1;          // offset of the last scalar, or of its tag or anchor
    Spot last_spot_;
    std::vector<std::string_view> quoted_; // quoted scalars with such separators
    std::size_t separators_in_quotes_ = 0;
};

} // namespace rsf::parse
