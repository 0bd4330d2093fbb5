// SPDX-License-Identifier: Apache-2.0
//
// Random values for tests of writers and readers; the same for the same seed.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace rsf::parse {

// Values of every kind, with strings that are hard to write.
class RandomValues {
  public:
    explicit RandomValues(unsigned seed) : engine_(seed) {}

    boost::json::value value(int depth) {
        switch (pick(depth > 0 ? 9 : 7)) {
        case 0: return nullptr;
        case 1: return pick(2) == 0;
        case 2: return static_cast<std::int64_t>(engine_());
        case 3: return std::numeric_limits<std::uint64_t>::max() - static_cast<std::uint64_t>(pick(3));
        case 4: return number();
        case 5:
        case 6: return boost::json::string(text());
        case 7: {
            boost::json::array list;
            for (int n = pick(4); n > 0; --n) list.push_back(value(depth - 1));
            return list;
        }
        default: {
            boost::json::object object;
            for (int n = pick(4); n > 0; --n) object[text()] = value(depth - 1);
            return object;
        }
        }
    }

    std::string text() {
        static const std::vector<std::string> parts = {
            "a",      "yes",
            "null",   "012",
            "1e3",    "0x1F",
            "~",      " ",
            "\n",     "\t",
            ":",      ": ",
            " #",     "#",
            "-",      "- ",
            "'",      "\"",
            "\\",     "é",
            "日本",   "{",
            "[",      "]",
            ",",      "&",
            "*",      "!",
            "|",      ">",
            "%",      "@",
            "`",      "?",
            "? ",     "=",
            "<<",     "...",
            "---",    "\r",
            "\x01",   "\x7F",
            "1",      ".",
            "22:22",  "\u0085",
            "\u2028", "\u2029",
            "\uFEFF", "\uFFFE",
            "\u0080", "\u00A0",
            "word ",  "\n\n",
            "  ",     "\n ",
            "\n\t",   "\xF0\x9F\x98\x80",
            "Z",
        };
        std::string out;
        for (int n = pick(5); n > 0; --n) out += parts[static_cast<std::size_t>(pick(static_cast<int>(parts.size())))];
        return out;
    }

  private:
    int pick(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }

    double number() {
        const double numbers[] = {
            0.1, 1.0, -0.0, 1e21, 1e20, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308, 9007199254740993.0};
        return numbers[pick(10)];
    }

    std::mt19937 engine_;
};

} // namespace rsf::parse
