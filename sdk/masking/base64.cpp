// SPDX-License-Identifier: Apache-2.0
#include "masking/base64.hpp"

#include <cstdint>

namespace rsf::masking {

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j) text += i + j > bytes.size() ? '=' : digits[bits >> (18 - 6 * j) & 63U];
    }
    return text;
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool decode_base64(std::string_view text, std::string &bytes) {
    bytes.clear();
    std::uint32_t bits = 0;
    std::size_t digits = 0, padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const int digit = c == '-' || c == '_' ? -1 : base64_digit(c);
        if (digit < 0 || padding > 0) return false;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        if (++digits % 4 != 1) bytes += static_cast<char>(bits >> (6 - 2 * ((digits + 3) % 4)) & 0xffU);
    }
    return padding <= 2 && (digits + padding) % 4 == 0;
}

} // namespace rsf::masking
