// SPDX-License-Identifier: Apache-2.0
//
// Surveys JSON text without building a value: whether it is JSON, and how much memory it would take as a value. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::drivers {

struct JsonSurvey {
    std::string fault;          // why it is not JSON; empty: it is, and the other members are valid
    bool is_object = false;     // the whole of it
    bool has_items = false;     // it is an object with an array "items"
    bool has_fractions = false; // there is a number that is not whole, or written as if it were not; it may be too large
    std::size_t size = 0;       // bytes of memory that the value would take, about
};

JsonSurvey survey_json(std::string_view text, std::size_t max_depth);

} // namespace rsf::drivers
