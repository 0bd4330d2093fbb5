// SPDX-License-Identifier: Apache-2.0
//
// Makes a value out of a parser's events, within limits. For one document; not thread-safe. Every function but take() throws
// Refused, which the reader that drives the parser catches.
#pragma once

#include "base/error.hpp"
#include "parse/limits.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::parse {

struct Spot {
    std::size_t line = 0, column = 0; // from 1
};

struct Refused {
    Error error;
};

[[noreturn]] void refuse(std::string message, Spot spot);

// What a value costs against the limits. height: nested lists and mappings in it.
struct Cost {
    std::size_t nodes = 0, bytes = 0, height = 0;
};

Cost cost_of(const boost::json::value &value);

class ValueBuilder {
  public:
    explicit ValueBuilder(const Limits &limits) : limits_(limits) {}

    void begin_list(Spot spot) { begin(false, spot); }
    void begin_map(Spot spot) { begin(true, spot); }
    void end();

    // The key of the next value in the innermost mapping.
    void key(std::string_view text, Spot spot);

    // A scalar, or a copy that costs cost.
    void add(boost::json::value value, Spot spot);
    void add_copy(const boost::json::value &value, const Cost &cost, Spot spot);

    // The entries of a mapping, as if they stood in the innermost one: they replace what its keys said before, and give way to
    // what its keys say later, as in go-yaml v2.
    void merge(const boost::json::object &entries, Spot spot);

    // Counts memory besides the value against the limits.
    void charge(std::size_t nodes, std::size_t bytes, Spot spot);

    // The value that was completed last within the innermost list or mapping, or the document's.
    const boost::json::value &last() const { return values_.back(); }
    boost::json::value take_last();

    std::size_t depth() const { return frames_.size(); }
    const std::string &last_key() const { return keys_.back().text; }
    // Entries of the innermost list so far.
    std::size_t count() const { return values_.size() - frames_.back().values; }

    boost::json::value take();

    // Memory that is in use for values, about.
    std::size_t bytes() const { return bytes_; }

  private:
    struct Key {
        std::string text;
        Spot spot;
        bool merged;
    };
    struct Frame {
        std::size_t values, keys; // where its own begin
        bool is_map;
        bool merges;
    };

    void begin(bool is_map, Spot spot);
    boost::json::object make_object(const Frame &frame);
    boost::json::object make_merged_object(const Frame &frame);
    [[noreturn]] void refuse_duplicate(const Key &key);

    const Limits limits_;
    std::vector<boost::json::value> values_;
    std::vector<Key> keys_;
    std::vector<Frame> frames_;
    std::size_t nodes_ = 0, bytes_ = 0;
};

} // namespace rsf::parse
