// SPDX-License-Identifier: Apache-2.0
#include "parse/document.hpp"

#include <resourcifier/json_text.hpp>

namespace rsf::parse {

std::string write_json(const boost::json::value &value) { return json_text(value); }

} // namespace rsf::parse
