// SPDX-License-Identifier: Apache-2.0
//
// Steps as a store keeps them: JSON, with what is empty left out. Pure.
#pragma once

#include "base/error.hpp"
#include "store/record.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::store {

std::string text_of(const Step &step);
std::string text_of(const std::vector<Step> &steps);

// Refused (internal): a text that is none of these.
Result<Step> read_step(std::string_view text);
Result<std::vector<Step>> read_steps(std::string_view text);

} // namespace rsf::store
