// SPDX-License-Identifier: Apache-2.0
//
// Random text over all of Unicode and numbers in all spellings, for tests of what must come out as it went in; the same for the
// same seed.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace rsf::test {

class RandomText {
  public:
    explicit RandomText(unsigned seed) : engine_(seed) {}

    unsigned pick(unsigned n) { return static_cast<unsigned>(engine_() % n); }

    // Up to longest code points: controls, line breaks, what YAML has no place for, what looks like something else, and all
    // planes.
    std::string text(unsigned longest = 12) {
        static constexpr std::string_view looks[] = {
            "yes", "NO", "null", "~",  "0.5", "1e3",        "0x1F",  "0777", "1_000", "22:22", ".inf", "NaN",
            "-",   "- ", ": ",   " #", "<<",  "---",        "...",   "true", "+1",    "1.",    "=",    "!",
            "&a",  "*a", "%",    "@",  "`",   "|",          ">",     "'",    "\"",    "\\",    "\\u",  "{",
            "}",   "[",  "]",    ",",  "?",   "2001-01-01", "1E400", "$",    "\n\n",  "\r\n"};
        std::string out;
        for (unsigned left = pick(longest + 1); left > 0; --left) {
            if (pick(4) == 0)
                out += looks[pick(std::size(looks))];
            else
                append(out, point());
        }
        return out;
    }

    // A number as JSON may spell it.
    std::string number() {
        std::string out = pick(3) == 0 ? "-" : "";
        out += pick(4) == 0 ? "0" : digits(1, 20);
        if (pick(2) == 0) out += "." + digits(0, 18, false);
        if (pick(3) == 0) {
            out += pick(2) == 0 ? "e" : "E";
            if (pick(2) == 0) out += pick(2) == 0 ? "+" : "-";
            out += std::to_string(pick(pick(4) == 0 ? 280 : 25));
        }
        return out;
    }

  private:
    char32_t point() {
        static constexpr char32_t special[] = {0x0,    0x7F,   0x80,    0x85,    0x9F,    0xA0,    0xAD,   0x2028,
                                               0x2029, 0xFEFF, 0xFFFD,  0xFFFE,  0xFFFF,  0xD7FF,  0xE000, 0xFDD0,
                                               0x7FF,  0x800,  0x10000, 0x1FFFE, 0x1F600, 0x10FFFF};
        switch (pick(6)) {
        case 0: return pick(0x20);
        case 1: return 0x20 + pick(0x60);
        case 2: return special[pick(std::size(special))];
        case 3: return 0x80 + pick(0x780);
        case 4: {
            const char32_t point = 0x800 + pick(0xF800);
            return point >= 0xD800 && point <= 0xDFFF ? point - 0x800 : point;
        }
        default: return 0x10000 + pick(0x100000);
        }
    }

    static void append(std::string &out, char32_t point) {
        if (point < 0x80) {
            out += static_cast<char>(point);
            return;
        }
        const int length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        out += static_cast<char>((0xF00 >> length & 0xFF) | point >> 6 * (length - 1));
        for (int i = length - 2; i >= 0; --i) out += static_cast<char>(0x80 | (point >> 6 * i & 0x3F));
    }

    std::string digits(unsigned least, unsigned more, bool is_whole = true) {
        std::string out;
        if (is_whole) out += static_cast<char>('1' + pick(9));
        for (unsigned left = pick(more) + (is_whole ? 0 : 1); left > 0 || out.size() < least; left -= left > 0 ? 1 : 0)
            out += static_cast<char>('0' + pick(10));
        return out;
    }

    std::mt19937 engine_;
};

} // namespace rsf::test
