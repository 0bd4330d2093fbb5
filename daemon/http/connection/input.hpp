// SPDX-License-Identifier: Apache-2.0
//
// What a connection has received and not used yet. Not thread-safe.
#pragma once

#include "http/asio.hpp"
#include "http/connection/deadline.hpp"
#include "http/connection/stream.hpp"
#include "http/overload/waiting.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::http {

class Input {
  public:
    static constexpr std::size_t most_at_once = 65536;

    Input(Stream &stream, const Deadline &deadline, const Waiting &waiting)
        : stream_(stream), deadline_(deadline), waiting_(waiting) {}

    std::string_view bytes() const { return buffer_; }
    bool empty() const { return buffer_.empty(); }
    // Removes the first count bytes.
    void consume(std::size_t count) { buffer_.erase(0, count); }
    // Drops what is left.
    void clear() { buffer_.clear(); }
    // Frees the buffer if it is empty: many connections are idle.
    void shrink() {
        if (buffer_.empty()) std::string().swap(buffer_);
    }

    // Appends what arrives, at most at_most bytes. False at the end of the stream, on an error, when the deadline passes or the
    // connection is evicted.
    net::awaitable<bool> receive(std::size_t at_most);
    // The same for all that has arrived, without holding a buffer while it waits.
    net::awaitable<bool> receive_much();

    // Whether the client has closed, or at least its sending half.
    bool has_ended() const { return ended_; }

  private:
    bool is_stopped() const { return deadline_.has_passed() || waiting_.is_claimed(); }

    Stream &stream_;
    const Deadline &deadline_;
    const Waiting &waiting_;
    std::string buffer_;
    bool ended_ = false;
};

} // namespace rsf::http
