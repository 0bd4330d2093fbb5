// SPDX-License-Identifier: Apache-2.0
//
// The output of a kubectl that was given several objects: the objects on its standard output, and for each object its errors on
// standard error. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::transports {

struct LiveObject {
    json::object object;
    std::string text; // its JSON
};

struct OutputObjects {
    std::vector<LiveObject> objects; // the items of a list count as objects
    bool complete = true;            // false: what follows them is not a whole JSON object
};

// output: JSON objects, one after another, and lists of them.
OutputObjects read_objects(std::string_view output);

struct OutputErrors {
    std::vector<std::string> of_file; // in the order of files; empty: no error names it
    std::string others;               // errors that name none of the files
};

// message: the lines of ErrorText::message. In the errors of a file its name is replaced by STDIN, so that they read like those
// of a kubectl that was given one object.
OutputErrors read_errors(std::string_view message, const std::vector<std::string> &files);

} // namespace rsf::kubectl::transports
