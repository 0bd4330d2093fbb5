// SPDX-License-Identifier: Apache-2.0
//
// Looks for secret values in text, and puts tags in their place. Not thread-safe while values are added.
#pragma once

#include "masking/text_view.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace rsf::masking {

namespace json = boost::json;

class SecretSearch {
  public:
    // Makes bytes a secret value that tag replaces. If they were added before, the first tag stays. No effect if they are only
    // white space.
    void add(std::string_view bytes, const std::string &tag);
    bool empty() const { return whole_.empty(); }

    // A value as a text may hold it: as it is; indented, folded or with another end; escaped as JSON, Go or XML have it, with its
    // quotes doubled, percent-encoded, as hexadecimal digits, as base64, alone or with what else was encoded, or two of these at
    // once. A run of base64 that holds one is replaced as a whole. Values of less than shortest_searched bytes, and plain words,
    // are not looked for within a text: they would be found in too many. Takes time linear in the text, times the logarithm of
    // the number of values.
    std::string masked_text(std::string text) const;

    // A string that may be a value as a whole: short ones and plain words are found too, if they are all of it.
    std::string masked_value(std::string text) const;

    // All below value: strings, numbers, keys.
    void mask(json::value &value) const;
    // The keys of object; what is below them stays.
    void mask_keys(json::object &object) const;

  private:
    struct Value {
        std::string text; // without white space
        std::string tag;
    };
    struct Hit {
        std::size_t begin, end;
        const std::string *tag;
    };
    using Hits = std::vector<Hit>;

    const std::string *tag_of_whole(std::string_view text) const;
    bool look(const TextView &view, int layers, Hits *hits) const;
    bool look_in_base64(const TextView &view, int layers, Hits *hits) const;
    bool search(const TextView &view, Hits *hits) const;
    std::string_view match(std::string_view text, const std::string **tag) const;
    std::string masked_quotes(std::string text) const;

    std::map<std::string, std::string, std::less<>> whole_;         // text without white space, and its tag
    std::map<std::string, std::vector<Value>, std::less<>> values_; // by their first 1,024 bytes, so that a search ends soon
    std::unordered_set<std::uint64_t> beginnings_;                  // the first shortest_searched bytes of each
};

} // namespace rsf::masking
