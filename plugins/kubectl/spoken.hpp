// SPDX-License-Identifier: Apache-2.0
//
// What a kubectl that was given several objects says, taken apart: each object on its standard output, each error on its standard
// error. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

struct LiveObject {
    json::object object;
    std::string text; // its JSON
};

struct SpokenObjects {
    std::vector<LiveObject> objects; // those within a list one by one
    bool complete = true;            // false: what follows them is no JSON object, or no whole one
};

// output: JSON objects, one after another, and lists of them.
SpokenObjects read_objects(std::string_view output);

struct SpokenErrors {
    std::vector<std::string> of_file; // in the order of files; empty: nothing was said of it
    std::string others;               // of none of them, or of nobody knows which
};

// message: the lines of ErrorText::message. In what is of one file, the file is called STDIN, as if it were the only one.
SpokenErrors read_errors(std::string_view message, const std::vector<std::string> &files);

} // namespace rsf::kubectl
