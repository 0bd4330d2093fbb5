// SPDX-License-Identifier: Apache-2.0
//
// What the tests of this folder share: vendored cases, and values compared as numbers are meant.
#pragma once

#include "fuzz/values.hpp"
#include "parse/document.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// Boost.System's operator<< for results does not compile where the value has none.
template <class T> struct Catch::StringMaker<boost::system::result<T, rsf::base::Error>> {
    static std::string convert(const boost::system::result<T, rsf::base::Error> &result) {
        return result ? "a value" : to_string(result.error());
    }
};

namespace rsf::parse {

inline std::string load(const std::string &path) {
    std::ifstream file(std::string(TEST_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline std::vector<boost::json::object> load_cases(const std::string &path) {
    std::vector<boost::json::object> cases;
    std::istringstream lines(load(path));
    for (std::string line; std::getline(lines, line);) cases.push_back(boost::json::parse(line).as_object());
    REQUIRE(!cases.empty());
    return cases;
}

inline std::string text_of(const boost::json::object &entry) {
    if (const auto *text = entry.if_contains("text")) return std::string(text->as_string());
    std::string bytes;
    const auto &hex = entry.at("hex").as_string();
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.data() + i, 2), nullptr, 16));
    return bytes;
}

using fuzz::same;

inline std::string error_of(const Result<Document> &result) { return result ? "no error" : to_string(result.error()); }

} // namespace rsf::parse
