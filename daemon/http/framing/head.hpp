// SPDX-License-Identifier: Apache-2.0
//
// Checks the raw bytes of a request's head (RFC 9112) before a parser sees them: anything that two parsers could read differently
// is refused here. Not thread-safe: one head, one owner.
#pragma once

#include "http/framing/field.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

class HeadJudge {
  public:
    HeadJudge(std::size_t max_bytes, std::size_t max_fields) : max_bytes_(max_bytes), max_fields_(max_fields) {}

    enum class Verdict { more, whole, bad };

    // received: all bytes from where the head should begin, each time. Each line is checked once, as soon as it is complete.
    Verdict read(std::string_view received);

    const FramingFault &fault() const { return *fault_; } // bad

    // Of a whole head:
    std::size_t begin() const { return begin_; } // after an empty line that came first (RFC 9112, 2.2)
    std::size_t end() const { return line_; }
    const std::string &method() const { return method_; }
    // The value of Host; empty where HTTP/1.0 has none.
    std::string host() const { return host_.value_or(std::string()); }
    // In origin form: an absolute target without its scheme and authority.
    const std::string &target() const { return target_; }
    bool is_http_1_0() const { return http_1_0_; }
    bool is_chunked() const { return chunked_; }
    bool has_body() const { return chunked_ || content_length() != 0; }
    std::uint64_t content_length() const { return content_length_.value_or(0); } // the largest number where it does not fit

  private:
    bool fail(unsigned status, std::string detail);
    bool judge_line(std::string_view line);
    bool judge_start(std::string_view line);
    bool judge_version(std::string_view version);
    bool judge_target(std::string_view target);
    bool judge_absolute_target(std::string_view target);
    bool judge_field(std::string_view line);
    bool judge_host(std::string_view host);
    bool judge_content_length(std::string_view value);
    bool judge_transfer_encoding(std::string_view value);
    bool judge_whole();

    const std::size_t max_bytes_;
    const std::size_t max_fields_;

    std::size_t begin_ = 0;
    std::size_t line_ = 0;    // where the first line that is not checked begins
    std::size_t scanned_ = 0; // no line end before this
    bool start_seen_ = false;
    bool whole_ = false;
    std::size_t fields_ = 0;
    std::optional<FramingFault> fault_;

    std::string method_;
    std::string target_;
    std::optional<std::string> target_authority_;
    bool http_1_0_ = false;
    std::optional<std::string> host_;
    std::optional<std::uint64_t> content_length_;
    bool chunked_ = false;
};

} // namespace rsf::http
