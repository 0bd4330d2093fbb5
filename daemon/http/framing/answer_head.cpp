// SPDX-License-Identifier: Apache-2.0
#include "http/framing/answer_head.hpp"

#include "http/syntax.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

namespace rsf::http {

namespace {

// RFC 9110, 5.6.7; in English whatever the locale.
std::string http_date(std::time_t now) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
                                   months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return {text, static_cast<std::size_t>(size)};
}

// The current date. Each thread formats it at most once a second.
std::string_view current_http_date() {
    thread_local std::time_t written_for = -1;
    thread_local std::string text;
    if (const std::time_t now = std::time(nullptr); now != written_for) {
        text = http_date(now);
        written_for = now;
    }
    return text;
}

void add(std::string &head, std::string_view name, std::string_view value) {
    head.append(name).append(": ");
    // The daemon's values have no line ends; one that does must not become a second header.
    for (const char c : value) head += is_control(c) ? ' ' : c;
    head += "\r\n";
}

} // namespace

std::string head_text(const Response &response, std::string_view request_id, bool close, bool http_1_0) {
    std::string head;
    head.reserve(256);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)) += ' ';
    head.append(reason_phrase(response.status)).append("\r\n");
    add(head, "Server", "resourcifierd/" RESOURCIFIER_VERSION);
    add(head, "Date", current_http_date());
    add(head, "X-Request-Id", request_id);
    if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
    if (response.source && !http_1_0)
        add(head, "Transfer-Encoding", "chunked");
    else if (response.status != 204 && !response.source)
        add(head, "Content-Length", std::to_string(response.body.size()));
    for (const auto &[name, value] : response.headers) add(head, name, value);
    if (close)
        add(head, "Connection", "close");
    else if (http_1_0)
        add(head, "Connection", "keep-alive");
    return head += "\r\n";
}

bool has_token(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::string_view part = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), part.size() + 1));
        if (same_word(trimmed(part), word)) return true;
    }
    return false;
}

std::string make_request_id() {
    static constexpr std::string_view hex = "0123456789abcdef";
    thread_local std::mt19937_64 random{std::random_device{}()};
    std::string id;
    for (int word = 0; word < 2; ++word) {
        std::uint64_t bits = random();
        for (int digit = 0; digit < 16; ++digit, bits >>= 4) id += hex[bits & 15];
    }
    return id;
}

std::optional<std::string> given_request_id(const Headers &headers) {
    const auto values = header_values(headers, "X-Request-Id");
    if (values.size() != 1 || values[0].empty() || values[0].size() > 128) return std::nullopt;
    for (const char c : values[0])
        if (c <= ' ' || c >= 0x7F) return std::nullopt;
    return std::string(values[0]);
}

} // namespace rsf::http
