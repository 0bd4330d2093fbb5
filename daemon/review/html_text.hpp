// SPDX-License-Identifier: Apache-2.0
//
// Text of others inside HTML. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rsf::daemon {

// For element content and quoted attributes; well-formed UTF-8. Tabs and newlines stay; other control characters, bad UTF-8 and
// characters that turn the direction of text around are made visible.
std::string escaped(std::string_view text);

} // namespace rsf::daemon
