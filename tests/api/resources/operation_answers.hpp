// SPDX-License-Identifier: Apache-2.0
//
// What the tests of /operations read in answers.
#pragma once

#include "api/room.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <future>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::api::test {

inline Headers with(Headers more) {
    more.emplace_back("Accept", "application/json");
    return more;
}

inline json::value body_of(const Response &response) { return json::parse(response.body); }

inline std::string kind_in(const Response &response) {
    const std::string type(body_of(response).at("type").as_string());
    return type.substr(type.rfind(':') + 1);
}

inline std::string next_of(http::BodySource &source) {
    std::promise<std::string> piece;
    source.next([&](std::string next) { piece.set_value(std::move(next)); });
    return piece.get_future().get();
}

// All that a source has.
inline std::string all_of(const Response &response) {
    std::string text;
    for (;;) {
        std::string next = next_of(*response.source);
        if (next.empty()) return text;
        text += next;
    }
}

inline std::size_t count_of(const std::string &text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
}

} // namespace rsf::api::test
