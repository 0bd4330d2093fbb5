// SPDX-License-Identifier: Apache-2.0
//
// Reads a request's body from the bytes that follow its head: as many as its length says, or chunks (RFC 9112, 7.1). Framing that
// two readers could read differently is refused as soon as it is seen. What chunks carry beside the body counts as body, so that
// a small body can't cost any amount of reading. A trailer is read and dropped. Not thread-safe.
#pragma once

#include "http/framing/field.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

class HeadJudge;

class BodyReader {
  public:
    struct Bounds {
        std::size_t body;    // bytes, counted or with chunk extensions
        std::size_t trailer; // bytes
        std::size_t trailer_fields;
    };
    static constexpr std::size_t longest_chunk_line = 4096;

    BodyReader(const HeadJudge &head, const Bounds &bounds);

    enum class Verdict { more, whole, bad };
    // Takes the bytes that come next. Bytes after the body's end are not used.
    Verdict take(std::string_view bytes);
    std::size_t used() const { return used_; } // of the bytes given last

    const FramingFault &fault() const { return *fault_; } // bad; 413: the body is too large
    std::string &body() { return body_; }

  private:
    enum class State { counted, chunk_size, chunk, chunk_end, trailer, whole };

    void take_bytes(std::string_view bytes);
    void take_framing(char c);
    bool may_follow(char c);
    void end_line();
    void read_size();
    void read_trailer_field();
    void fail(unsigned status, std::string detail) { fault_ = FramingFault{status, std::move(detail)}; }

    const Bounds bounds_;
    State state_;
    std::uint64_t left_; // of the body, or of the chunk
    std::string body_;
    std::size_t beside_ = 0; // bytes of extensions and of zeros before sizes
    std::string line_;       // of framing, as far as it has arrived
    bool cr_seen_ = false;
    std::size_t trailer_bytes_ = 0, trailer_fields_ = 0;
    std::size_t used_ = 0;
    std::optional<FramingFault> fault_;
};

} // namespace rsf::http
