// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/scanner_limit.hpp"

#include <algorithm>
#include <array>

namespace rsf::parse {

namespace {

constexpr std::size_t piece_size = 2048, token_size = 88; // yaml-cpp's prefetch and sizeof(YAML::Token)

enum Class : unsigned char { other, blank, separator, two, quote, property };

constexpr std::array<unsigned char, 256> make_classes() {
    std::array<unsigned char, 256> classes{};
    for (const char c : std::string_view(" \t\r\n")) classes[static_cast<unsigned char>(c)] = blank;
    for (const char c : std::string_view(":?#")) classes[static_cast<unsigned char>(c)] = separator;
    for (const char c : std::string_view(",[]{}")) classes[static_cast<unsigned char>(c)] = two;
    for (const char c : std::string_view("'\"")) classes[static_cast<unsigned char>(c)] = quote;
    for (const char c : std::string_view("*&!")) classes[static_cast<unsigned char>(c)] = property;
    return classes;
}

constexpr auto classes = make_classes();

} // namespace

ScannerLimit::ScannerLimit(std::string_view text, std::size_t memory) : text_(text), memory_(memory) {
    char *begin = const_cast<char *>(text.data()); // only read: the put area stays empty
    setg(begin, begin, begin);
}

// An upper bound, whatever the text is: a separator or bracket makes a token, a quoted scalar two (its own and KEY), a plain one
// two where it can begin, which is behind a separator.
void ScannerLimit::count(std::string_view piece) {
    std::size_t quotes = 0;
    for (const char c : piece) {
        switch (classes[static_cast<unsigned char>(c)]) {
        case blank: break;
        case separator:
            tokens_ += 1;
            after_separator_ = true;
            break;
        case two:
        case property:
            tokens_ += 2;
            after_separator_ = true;
            break;
        case quote:
            ++quotes;
            after_separator_ = true;
            break;
        default:
            if (after_separator_) tokens_ += 2;
            after_separator_ = false;
        }
    }
    tokens_ += quotes;
}

ScannerLimit::int_type ScannerLimit::underflow() {
    const auto offset = static_cast<std::size_t>(gptr() - eback());
    if (offset == text_.size()) return traits_type::eof();
    const std::size_t size = std::min(piece_size, text_.size() - offset);
    if (!one_scalar_) count(text_.substr(offset, size));
    if (tokens_ * token_size + taken_ > memory_) throw ScannerLimitReached{offset};
    setg(eback(), gptr(), gptr() + size);
    return traits_type::to_int_type(*gptr());
}

} // namespace rsf::parse
