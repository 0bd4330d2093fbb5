// SPDX-License-Identifier: Apache-2.0
//
// The small inputs of tests/data/cases, as bodies for the daemon.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace rsf::test {

inline std::filesystem::path case_file(const std::string &name) { return TEST_SOURCE_DIR "/data/cases/" + name; }

inline std::string read_case(const std::string &name) {
    std::ifstream in(case_file(name), std::ios::binary);
    if (!in) throw std::runtime_error("there is no case " + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A step of a JSON case that is a list of resources.
inline std::string case_step(const std::string &name, const std::string &step) {
    return boost::json::serialize(boost::json::object{{"resources", boost::json::parse(read_case(name)).at(step)}});
}

// Each document of a YAML case that is one object, as a configuration of that object.
inline std::vector<std::string> case_objects(const std::string &name, const std::string &kind) {
    std::vector<std::string> bodies;
    const std::string begin = "resources:\n- name: it\n  type: " + kind + "\n  properties:\n";
    std::istringstream lines(read_case(name));
    bodies.push_back(begin);
    for (std::string line; std::getline(lines, line);)
        if (line == "---")
            bodies.push_back(begin);
        else
            bodies.back() += "    " + line + "\n";
    return bodies;
}

} // namespace rsf::test
