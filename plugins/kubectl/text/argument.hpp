// SPDX-License-Identifier: Apache-2.0
//
// The grammar of words from clients that become arguments of a command line. Each check throws Error (Code::invalid) with a
// sentence. A word that passes can't be read as a flag, as several words, or as the name of several objects. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rsf::kubectl::text {

// word in quotes, for messages, with control characters escaped. Not shortened: a secret that is cut can't be found and masked
// any more. Errors are shortened when they are shown.
std::string in_quotes(std::string_view word);

// A type as kubectl takes one: "cm", "ConfigMap", "deployments.v1.apps". Not "all" or "cm,secrets", which are several.
void check_type(std::string_view type);

// The name of one object.
void check_name(std::string_view name);

// what: "The namespace", "The setting namespace".
void check_namespace(std::string_view ns, std::string_view what = "The namespace");

void check_selector(std::string_view selector, std::string_view what);

} // namespace rsf::kubectl::text
