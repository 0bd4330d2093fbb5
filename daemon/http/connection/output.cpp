// SPDX-License-Identifier: Apache-2.0
#include "http/connection/output.hpp"

namespace rsf::http {

net::awaitable<bool> Output::send(std::string_view bytes, const std::function<void(bool moved)> &on_progress) {
    while (!bytes.empty()) {
        if (deadline_.has_passed() || waiting_.is_claimed()) co_return false;
        const auto [failed, count] = co_await stream_.write_some(bytes);
        if (failed) co_return false;
        bytes.remove_prefix(count);
        if (bytes.empty()) break;
        const bool moved = progress_.moved(count);
        if (on_progress) on_progress(moved);
    }
    co_return true;
}

} // namespace rsf::http
