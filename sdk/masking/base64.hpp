// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648) as Kubernetes' objects have it. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace rsf::masking {

std::string encode_base64(std::string_view bytes);

// Whether text is base64 as Go's decoder takes it: padded, with line ends or without. bytes: what it says.
bool decode_base64(std::string_view text, std::string &bytes);

// The six bits that a character stands for, of the usual alphabet or of the one for URLs; -1: it is of neither.
int base64_digit(char c);

} // namespace rsf::masking
