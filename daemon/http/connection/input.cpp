// SPDX-License-Identifier: Apache-2.0
#include "http/connection/input.hpp"

#include <algorithm>

namespace rsf::http {

net::awaitable<bool> Input::receive(std::size_t at_most) {
    if (is_stopped()) co_return false;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + at_most);
    const auto [failed, count] = co_await stream_.read_some(buffer_.data() + before, at_most);
    buffer_.resize(before + count);
    if (failed && failed != net::error::operation_aborted) ended_ = true;
    co_return !failed;
}

net::awaitable<bool> Input::receive_much() {
    if (stream_.available() == 0) {
        if (is_stopped()) co_return false;
        shrink();
        const auto [stopped] = co_await stream_.wait_readable();
        if (stopped) co_return false;
    }
    co_return co_await receive(std::clamp(stream_.available(), std::size_t{1}, most_at_once));
}

} // namespace rsf::http
