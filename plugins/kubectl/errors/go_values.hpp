// SPDX-License-Identifier: Apache-2.0
//
// What API servers and kubectl print of their own insides. Pure; thread-safe.
#pragma once

#include <string>

namespace rsf::kubectl::errors {

// text with what kind of thing it is in the place of each value that is written as Go writes it for its programmers
// (`&value.valueUnstructured{Value:5}` becomes "a number", `map[string]string{"a":"b"}` "a mapping"), and without the object in
// "Object 'Kind' is missing in '{...}'" and the lines that tell two objects apart. It is of no use to people, and may quote a
// Secret.
std::string without_go_values(std::string text);

} // namespace rsf::kubectl::errors
