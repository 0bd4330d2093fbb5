// SPDX-License-Identifier: Apache-2.0
#include "config/mistakes.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace rsf::config {

Error all_mistakes(const std::filesystem::path &file, std::vector<Error> mistakes) {
    std::ranges::stable_sort(mistakes, {}, [](const Error &one) { return std::pair(one.place.line, one.place.column); });
    if (mistakes.size() == 1) return std::move(mistakes.front());
    const std::string count = std::to_string(mistakes.size());
    return invalid("these settings have " + count + " mistakes").at({.file = file.string()}).because(std::move(mistakes));
}

bool has_mistake_at(const std::vector<Error> &mistakes, std::string_view pointer) {
    return std::ranges::any_of(mistakes, [&](const Error &one) { return one.place.pointer == pointer; });
}

bool has_mistake_within(const std::vector<Error> &mistakes, std::string_view pointer) {
    return std::ranges::any_of(mistakes, [&](const Error &one) {
        const std::string_view place = one.place.pointer;
        return place.starts_with(pointer) && (place.size() == pointer.size() || place[pointer.size()] == '/');
    });
}

} // namespace rsf::config
