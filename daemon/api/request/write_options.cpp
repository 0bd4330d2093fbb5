// SPDX-License-Identifier: Apache-2.0
#include "api/request/write_options.hpp"

#include "api/request/negotiation.hpp"
#include "http/problem.hpp"
#include "http/syntax.hpp"

#include <resourcifier/utf8.hpp>

#include <algorithm>
#include <charconv>

namespace rsf::api {

namespace {

constexpr std::size_t longest_key = 255, most_of_reason = 1024; // bytes
constexpr std::chrono::seconds longest_wait{3600};

bool is_visible(char c) { return c > ' ' && c <= '~'; }

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

Problem bad_header(std::string detail) { return {400, "bad-header", std::move(detail) + " Nothing was done."}; }

// The header's value, if it is there once and not empty.
OrProblem<std::string> single(const Headers &headers, std::string_view name) {
    const auto values = header_values(headers, name);
    if (values.empty()) return std::string();
    if (values.size() > 1) return bad_header("The request has two " + std::string(name) + " headers: send one.");
    std::string value(http::trimmed(values[0]));
    if (value.empty()) return bad_header("The " + std::string(name) + " header is empty: leave it out, or give it a value.");
    return value;
}

// As the draft of RFC "The Idempotency-Key HTTP Header Field" has it, a string in quotes; most clients send it without them.
OrProblem<std::string> read_key(const Headers &headers) {
    auto key = single(headers, "Idempotency-Key");
    if (!key || key->empty()) return key;
    const bool is_quoted = key->size() >= 2 && key->front() == '"' && key->back() == '"';
    if (is_quoted) *key = key->substr(1, key->size() - 2);
    const bool is_fine = !key->empty() && key->size() <= longest_key && std::all_of(key->begin(), key->end(), is_visible) &&
                         key->find_first_of("\"\\") == std::string::npos;
    if (!is_fine)
        return bad_header("The Idempotency-Key has to be 1 to " + std::to_string(longest_key) +
                          " visible ASCII characters, without spaces, quotes and backslashes.");
    return key;
}

OrProblem<std::string> read_reason(const Headers &headers) {
    auto reason = single(headers, "Resourcifier-Reason");
    if (!reason || reason->empty()) return reason;
    if (reason->size() > most_of_reason)
        return bad_header("The Resourcifier-Reason has " + std::to_string(reason->size()) + " bytes: at most " +
                          std::to_string(most_of_reason) + " are kept.");
    if (!is_utf8(*reason) || std::any_of(reason->begin(), reason->end(), is_control))
        return bad_header("The Resourcifier-Reason has to be UTF-8 without control characters.");
    return reason;
}

std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    std::uint32_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::min(std::chrono::seconds(count), longest_wait);
}

} // namespace

OrProblem<WriteOptions> read_write_options(const Headers &headers) {
    WriteOptions options;
    options.is_async = preference(headers, "respond-async").has_value();
    if (const auto wait = preference(headers, "wait")) options.wait = seconds_in(*wait);
    auto key = read_key(headers);
    if (!key) return key.error();
    options.key = std::move(*key);
    auto reason = read_reason(headers);
    if (!reason) return reason.error();
    options.reason = std::move(*reason);
    return options;
}

} // namespace rsf::api
