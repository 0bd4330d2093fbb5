// SPDX-License-Identifier: Apache-2.0
//
// A text as it reads once something is taken off it (white space, escapes, an encoding), with where each byte of that came from.
// Pure values.
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
    std::vector<std::uint32_t> begin, end; // of each byte: the part of the original that says it

    static TextView of(std::string_view text, bool with_places);
    // c, as bytes first to last of from say it.
    void add(char c, const TextView &from, std::size_t first, std::size_t last);
};

// Without blanks, tabs and line ends: what was indented, folded or ends in another line reads alike.
TextView without_spaces(const TextView &view);
std::string without_spaces(std::string_view text);

// What JSON, Go (%q) and most languages write with a backslash. None: there is nothing of it.
std::optional<TextView> unescaped(const TextView &view);

// What URLs write with a percent sign. plus_is_space: as forms write it. None: there is nothing of it.
std::optional<TextView> percent_decoded(const TextView &view, bool plus_is_space);

// What XML and HTML write as &quot; or &#39;. None: there is nothing of it.
std::optional<TextView> without_entities(const TextView &view);

// Quotes that YAML, SQL and CSV write twice, once. None: there is nothing of it.
std::optional<TextView> without_doubled_quotes(const TextView &view);

// Visits what each run of hexadecimal digits says, when the reading begins with each of its first two. least: of the bytes that
// it says.
void each_hex(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit);

// Visits what each run of base64 digits says, when the reading begins with each of its first four digits, since what is encoded
// may begin anywhere. least: of the bytes that it says.
void each_base64(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit);

} // namespace rsf::masking
