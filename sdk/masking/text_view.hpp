// SPDX-License-Identifier: Apache-2.0
//
// A text after something was removed from it (white space, escapes, an encoding), with where each of its bytes came from. Pure
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::masking {

// Of a text of less than 4 GiB.
struct TextView {
    std::string text;
    bool has_places = false;               // else begin and end stay empty, which takes a tenth of the memory
    std::vector<std::uint32_t> begin, end; // of each byte: the part of the original that it came from

    static TextView of(std::string_view text, bool with_places);
    // c, as bytes first to last of from say it.
    void add(char c, const TextView &from, std::size_t first, std::size_t last);
};

// Without blanks, tabs and line ends: text that was indented or folded differently reads alike.
TextView without_spaces(const TextView &view);
std::string without_spaces(std::string_view text);

// Without backslash escapes, as JSON, Go (%q) and most languages write them. None: there are none.
std::optional<TextView> unescaped(const TextView &view);

// Without the percent escapes of URLs. plus_is_space: as forms write it. None: there are none.
std::optional<TextView> percent_decoded(const TextView &view, bool plus_is_space);

// Without the entities of XML and HTML: &quot;, &#39;. None: there are none.
std::optional<TextView> without_entities(const TextView &view);

// Without the second of doubled quotes, as YAML, SQL and CSV write them. None: there are none.
std::optional<TextView> without_doubled_quotes(const TextView &view);

// Visits the bytes of each run of hexadecimal digits, decoded from its first and from its second digit. least: bytes that a run
// must give.
void each_hex(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit);

// Visits the bytes of each run of base64 digits, decoded from each of its first four digits, since the value may begin anywhere
// in it. least: bytes that a run must give.
void each_base64(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit);

} // namespace rsf::masking
