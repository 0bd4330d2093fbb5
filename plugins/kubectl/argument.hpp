// SPDX-License-Identifier: Apache-2.0
//
// Words from outside that are to stand on a command line. Each check throws Error (Code::invalid) with a sentence; what passes
// can't be read as a flag, as several words, or as several objects. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rsf::kubectl {

// In quotes, control characters escaped, for messages. Whole: a secret that is cut is not found any more. Errors are cut when
// they are shown.
std::string in_quotes(std::string_view word);

// A type as kubectl takes one: "cm", "ConfigMap", "deployments.v1.apps". Not "all" or "cm,secrets", which are several.
void check_type(std::string_view type);

// The name of one object.
void check_name(std::string_view name);

// what: "The namespace", "The setting namespace".
void check_namespace(std::string_view ns, std::string_view what = "The namespace");

void check_selector(std::string_view selector, std::string_view what);

} // namespace rsf::kubectl
