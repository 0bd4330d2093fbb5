// SPDX-License-Identifier: Apache-2.0
//
// One document, YAML or JSON, as a value with the places of its parts. YAML is read as kubectl reads it (go-yaml v2);
// docs/yaml.md lists the deliberate differences. Thread-safe; needs an ordinary thread's stack.
#pragma once

#include "base/error.hpp"
#include "parse/limits.hpp"

#include <boost/json/value.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::parse {

// The places of keys and list entries near the root of a document, by JSON Pointer.
class Places {
  public:
    // The place of pointer, or of the nearest thing around it that is known.
    Place find(std::string_view pointer) const;

    void add(std::string_view pointer, std::size_t line, std::size_t column);

  private:
    struct Spot {
        std::size_t line, column;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    boost::unordered_flat_map<std::string, Spot, Hash, std::equal_to<>> spots_;
};

struct Document {
    boost::json::value value;
    Places places;
    std::size_t memory = 0; // that the value takes, about
};

// place_depth: how many levels below the root get their places recorded (settings want all, bodies the first few). Refused, each
// with line and column: bad UTF-8, syntax errors, duplicate keys, further documents, keys that are not scalars, numbers that JSON
// can't represent, more depth, nodes or bytes than limits allow. An empty text, and one of comments only, is null.
Result<Document> read_yaml(std::string_view text, const Limits &limits, std::size_t place_depth = 3);
Result<Document> read_json(std::string_view text, const Limits &limits, std::size_t place_depth = 3);

// JSON if it looks like it ('{' or '[' first) and parses so, else YAML. When neither parses, the error is the one of what it
// looks like.
Result<Document> read_document(std::string_view text, const Limits &limits, std::size_t place_depth = 3);

// YAML 1.2 block style that every YAML 1.1 and 1.2 reader reads back as the same values; ends with a newline.
std::string write_yaml(const boost::json::value &value);

// The same within a limit: room is called with the number of further bytes, and false stops the writing. None: it was stopped.
std::optional<std::string> write_yaml_within(const boost::json::value &value, const std::function<bool(std::size_t)> &room);

// Compact JSON (RFC 8259). A number that JSON has no word for (infinity, not a number) is written as null.
std::string write_json(const boost::json::value &value);

} // namespace rsf::parse
