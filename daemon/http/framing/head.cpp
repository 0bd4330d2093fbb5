// SPDX-License-Identifier: Apache-2.0
#include "http/framing/head.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace rsf::http {

namespace {

constexpr std::size_t max_start_line = 8192; // RFC 9112, 3: at least 8000

bool is_port(std::string_view text) {
    return text.empty() || (text[0] == ':' && text.size() <= 6 && std::all_of(text.begin() + 1, text.end(), is_digit));
}

// uri-host [":" port] of RFC 9110, 7.2, without the comma that a list of hosts would have.
bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == text.npos || close < 3) return false;
        const auto inside = text.substr(1, close - 1);
        return std::all_of(inside.begin(), inside.end(), [](char c) { return is_alnum(c) || c == ':' || c == '.'; }) &&
               is_port(text.substr(close + 1));
    }
    constexpr std::string_view marks = "-._~%!$&'()*+;=";
    const auto name = text.substr(0, text.find(':'));
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_alnum(c) || marks.find(c) != marks.npos; }) &&
           is_port(text.substr(name.size()));
}

} // namespace

bool HeadJudge::fail(unsigned status, std::string detail) {
    fault_ = FramingFault{status, std::move(detail)};
    return false;
}

HeadJudge::Verdict HeadJudge::read(std::string_view received) {
    if (fault_) return Verdict::bad;
    if (whole_) return Verdict::whole;
    const std::string_view window = received.substr(0, max_bytes_);
    for (; scanned_ < window.size(); ++scanned_) {
        const char c = window[scanned_];
        if (scanned_ == line_ && !start_seen_ && (c == ' ' || c == '\t')) {
            fail(400, "The request begins with white space.");
            return Verdict::bad;
        }
        if (c == '\n') fail(400, "A line of the head ends with a bare line feed: lines end with CR LF.");
        if (is_control(c) && c != '\r' && c != '\n')
            fail(400, "The head has a control character. (This address speaks plain HTTP/1.1, not TLS.)");
        if (fault_) return Verdict::bad;
        if (c != '\r') continue;
        if (scanned_ + 1 == window.size()) break; // the next byte decides
        if (window[scanned_ + 1] != '\n') {
            fail(400, "The head has a bare carriage return: lines end with CR LF.");
            return Verdict::bad;
        }
        const std::string_view line = window.substr(line_, scanned_ - line_);
        ++scanned_;
        line_ = scanned_ + 1;
        if (!judge_line(line)) return Verdict::bad;
        if (whole_) return Verdict::whole;
    }
    if (!start_seen_ && scanned_ - line_ > max_start_line)
        fail(414, "The request's first line is longer than " + std::to_string(max_start_line) + " bytes.");
    else if (received.size() >= max_bytes_)
        fail(start_seen_ ? 431 : 414, "The request's head is longer than " + std::to_string(max_bytes_) + " bytes.");
    return fault_ ? Verdict::bad : Verdict::more;
}

bool HeadJudge::judge_line(std::string_view line) {
    if (start_seen_ && line.empty()) return whole_ = judge_whole();
    if (start_seen_) return judge_field(line);
    if (line.empty() && begin_ == 0) {
        begin_ = line_;
        return true;
    }
    start_seen_ = true;
    return judge_start(line);
}

bool HeadJudge::judge_start(std::string_view line) {
    if (line.size() > max_start_line)
        return fail(414, "The request's first line is longer than " + std::to_string(max_start_line) + " bytes.");
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last || line.find(' ', first + 1) != last || last + 1 == line.size() ||
        line.find('\t') != line.npos)
        return fail(400, "The request's first line is not 'METHOD TARGET HTTP/1.1' with single spaces.");
    method_ = line.substr(0, first);
    if (!is_token(method_)) return fail(400, "The method " + in_quotes(method_) + " is not a word that HTTP allows.");
    if (!judge_version(line.substr(last + 1))) return false;
    if (method_ == "CONNECT") return fail(400, "CONNECT is refused: this is not a proxy.");
    return judge_target(line.substr(first + 1, last - first - 1));
}

bool HeadJudge::judge_version(std::string_view version) {
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]))
        return fail(400, "The protocol " + in_quotes(version) + " is not HTTP/1.1.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return fail(505, "The protocol " + in_quotes(version) + " is not spoken here: use HTTP/1.1.");
    http_1_0_ = version == "HTTP/1.0";
    return true;
}

bool HeadJudge::judge_target(std::string_view target) {
    if (std::any_of(target.begin(), target.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return fail(400, "The target has bytes that are not ASCII: percent-encode them.");
    if (target.find('#') != target.npos) return fail(400, "The target has a '#': percent-encode it (%23).");
    if (target.starts_with('/') || (target == "*" && method_ == "OPTIONS")) {
        target_ = target;
        return true;
    }
    return judge_absolute_target(target);
}

bool HeadJudge::judge_absolute_target(std::string_view target) {
    const auto colon = target.find("://");
    const auto scheme = target.substr(0, colon == target.npos ? 0 : colon);
    if (!same_word(scheme, "http") && !same_word(scheme, "https"))
        return fail(400, "The target " + in_quotes(target) + " is neither a path nor an http URL.");
    const auto rest = target.substr(colon + 3);
    target_authority_ = rest.substr(0, rest.find_first_of("/?"));
    if (target_authority_->empty()) return fail(400, "The target " + in_quotes(target) + " names no host.");
    target_ = rest.substr(target_authority_->size());
    if (!target_.starts_with('/')) target_.insert(0, "/");
    return true;
}

bool HeadJudge::judge_field(std::string_view line) {
    if (auto fault = fault_in_field(line)) return fail(400, std::move(*fault));
    if (++fields_ > max_fields_) return fail(431, "The request has more than " + std::to_string(max_fields_) + " headers.");
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (same_word(name, "Host")) return judge_host(value);
    if (same_word(name, "Content-Length")) return judge_content_length(value);
    if (same_word(name, "Transfer-Encoding")) return judge_transfer_encoding(value);
    return true;
}

bool HeadJudge::judge_host(std::string_view host) {
    if (host_) return fail(400, "The request has two Host headers.");
    if (!is_host(host)) return fail(400, "The Host header " + in_quotes(host) + " is not a host with an optional port.");
    host_ = host;
    return true;
}

bool HeadJudge::judge_content_length(std::string_view value) {
    if (content_length_) return fail(400, "The request has two Content-Length headers.");
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit))
        return fail(400, "The Content-Length " + in_quotes(value) + " is not one whole number.");
    std::uint64_t length = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), length).ec != std::errc{})
        length = std::numeric_limits<std::uint64_t>::max();
    content_length_ = length;
    return true;
}

bool HeadJudge::judge_transfer_encoding(std::string_view value) {
    if (chunked_) return fail(400, "The request has two Transfer-Encoding headers.");
    if (same_word(value, "chunked")) return chunked_ = true;
    const auto is_chunked = [](std::string_view coding) { return same_word(coding, "chunked"); };
    const std::vector<std::string_view> codings = split_list(value);
    const bool has_gap = std::ranges::any_of(codings, &std::string_view::empty);
    if (!has_gap && is_chunked(codings.back()) && std::ranges::count_if(codings, is_chunked) == 1)
        return fail(501, "The Transfer-Encoding " + in_quotes(value) + " is not done here: use chunked alone.");
    return fail(400, "The Transfer-Encoding " + in_quotes(value) + " is not exactly 'chunked'.");
}

bool HeadJudge::judge_whole() {
    if (chunked_ && http_1_0_) return fail(400, "Transfer-Encoding does not exist in HTTP/1.0.");
    if (chunked_ && content_length_) return fail(400, "The request has both Content-Length and Transfer-Encoding.");
    if (!host_ && !http_1_0_) return fail(400, "The request has no Host header.");
    if (target_authority_ && (!host_ || !same_word(*target_authority_, *host_)))
        return fail(400, "The target names the host " + in_quotes(*target_authority_) + ", the Host header another.");
    return true;
}

} // namespace rsf::http
