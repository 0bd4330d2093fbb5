// SPDX-License-Identifier: Apache-2.0
//
// syntax.hpp: the syntax of labels, annotations and names. Pure functions. Source:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set and names/ beside it.
#pragma once

#include <string_view>

namespace rsf::dryrun::simulator {

// Each returns nullptr for correct text, else the end of a sentence: "must be ...".
const char *fault_of_label_key(std::string_view text); // of annotations too
const char *fault_of_label_value(std::string_view text);
const char *fault_of_dns_label(std::string_view text);     // RFC 1123
const char *fault_of_dns_subdomain(std::string_view text); // RFC 1123

} // namespace rsf::dryrun::simulator
