// SPDX-License-Identifier: Apache-2.0
#include "store/record.hpp"

#include <algorithm>
#include <iterator>

namespace rsf::store {

std::string_view word_of(State state) { return state_words.at(static_cast<std::size_t>(state)); }

std::optional<State> state_of(std::string_view word) {
    const auto found = std::find(state_words.begin(), state_words.end(), word);
    if (found == state_words.end()) return std::nullopt;
    return static_cast<State>(std::distance(state_words.begin(), found));
}

bool is_final(State state) { return state == State::succeeded || state == State::failed || state == State::cancelled; }

} // namespace rsf::store
