// SPDX-License-Identifier: Apache-2.0
#include "http/framing/body_reader.hpp"

#include "http/framing/head.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <charconv>

namespace rsf::http {

namespace {

constexpr std::size_t most_size_digits = 16;

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The length of the word or of the quoted text that text begins with; 0: it begins with neither.
std::size_t value_length(std::string_view text) {
    if (!text.starts_with('"'))
        return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_token_char) - text.begin());
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return i + 1;
        if (text[i] == '\\') ++i;
    }
    return 0;
}

void skip_space(std::string_view &text) { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); }

// chunk-ext of RFC 9112, 7.1.1: any number of ;name, ;name=value and ;name="value".
bool is_extension(std::string_view text) {
    while (!text.empty()) {
        skip_space(text);
        if (!text.starts_with(';')) return false;
        text.remove_prefix(1);
        skip_space(text);
        const std::size_t name = text.starts_with('"') ? 0 : value_length(text);
        if (name == 0) return false;
        text.remove_prefix(name);
        std::string_view rest = text;
        skip_space(rest);
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        skip_space(rest);
        const std::size_t value = value_length(rest);
        if (value == 0) return false;
        text = rest.substr(value);
    }
    return true;
}

} // namespace

BodyReader::BodyReader(const HeadJudge &head, const Bounds &bounds)
    : bounds_(bounds), state_(head.is_chunked()            ? State::chunk_size
                              : head.content_length() != 0 ? State::counted
                                                           : State::whole),
      left_(head.content_length()) {
    if (left_ > bounds_.body)
        fail(413, "The body is larger than the " + std::to_string(bounds_.body) + " bytes that are taken here.");
}

BodyReader::Verdict BodyReader::take(std::string_view bytes) {
    used_ = 0;
    while (!fault_ && state_ != State::whole && used_ < bytes.size()) {
        if (state_ == State::counted || state_ == State::chunk)
            take_bytes(bytes.substr(used_));
        else
            take_framing(bytes[used_++]);
    }
    return fault_ ? Verdict::bad : state_ == State::whole ? Verdict::whole : Verdict::more;
}

void BodyReader::take_bytes(std::string_view bytes) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    body_.append(bytes.substr(0, count));
    used_ += count;
    left_ -= count;
    if (left_ == 0) state_ = state_ == State::chunk ? State::chunk_end : State::whole;
}

void BodyReader::take_framing(char c) {
    if (c == '\n') {
        if (!cr_seen_) return fail(400, "A line between the body's chunks ends with a bare line feed: lines end with CR LF.");
        cr_seen_ = false;
        return end_line();
    }
    if (cr_seen_) return fail(400, "There is a bare carriage return between the body's chunks: lines end with CR LF.");
    if (c == '\r')
        cr_seen_ = true;
    else if (may_follow(c))
        line_ += c;
}

// Whether the line may go on with c. A fault is found before the line is complete.
bool BodyReader::may_follow(char c) {
    if (is_control(c)) {
        fail(400, "There is a control character between the body's chunks.");
    } else if (state_ == State::chunk_end) {
        fail(400, "A chunk of the body does not end where its size says.");
    } else if (state_ == State::chunk_size) {
        if (line_.empty() && !is_hex_digit(c))
            fail(400, "A chunk of the body begins with " + in_quotes({&c, 1}) + ", not with its size in hexadecimal.");
        else if (line_.size() == longest_chunk_line)
            fail(400, "The body has a chunk whose first line is longer than " + std::to_string(longest_chunk_line) + " bytes.");
    } else if (++trailer_bytes_ > bounds_.trailer) {
        fail(431, "The body's trailer is longer than " + std::to_string(bounds_.trailer) + " bytes.");
    }
    return !fault_;
}

void BodyReader::end_line() {
    switch (state_) {
    case State::chunk_size: read_size(); break;
    case State::chunk_end: state_ = State::chunk_size; break;
    default: line_.empty() ? void(state_ = State::whole) : read_trailer_field(); break;
    }
    line_.clear();
}

void BodyReader::read_size() {
    const std::string_view line = line_;
    const auto digits = line.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(line, is_hex_digit) - line.begin()));
    const auto extension = line.substr(digits.size());
    if (digits.empty() || digits.size() > most_size_digits)
        return fail(400, "The size " + in_quotes(line) + " of a chunk is not a hexadecimal number of at most 16 digits.");
    if (!is_extension(extension))
        return fail(400, "What follows a chunk's size, " + in_quotes(extension) + ", is no chunk extension.");
    std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    beside_ += extension.size() + std::min(digits.find_first_not_of('0'), digits.size() - 1);
    const std::size_t taken = body_.size() + beside_;
    if (taken > bounds_.body || left_ > bounds_.body - taken)
        return fail(413, "The body with its chunk extensions is larger than the " + std::to_string(bounds_.body) +
                             " bytes that are taken here.");
    state_ = left_ == 0 ? State::trailer : State::chunk;
}

void BodyReader::read_trailer_field() {
    if (auto fault = fault_in_field(line_))
        fail(400, "In the body's trailer: " + *fault);
    else if (++trailer_fields_ > bounds_.trailer_fields)
        fail(431, "The body's trailer has more than " + std::to_string(bounds_.trailer_fields) + " fields.");
}

} // namespace rsf::http
