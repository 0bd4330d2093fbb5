// SPDX-License-Identifier: Apache-2.0
#include "unit_file.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rsf::test {

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

UnitFile::UnitFile(const std::filesystem::path &file, std::string_view section) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error(file.string() + " can not be read");
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            inside = line == "[" + std::string(section) + "]";
            continue;
        }
        const std::size_t sign = line.find('=');
        if (sign == std::string::npos || line.back() == '\\')
            throw std::runtime_error(file.string() + ": not understood: " + line);
        if (inside) directives_.emplace_back(line.substr(0, sign), line.substr(sign + 1));
    }
}

std::vector<std::string> UnitFile::values(std::string_view key) const {
    std::vector<std::string> found;
    for (const auto &[name, value] : directives_)
        if (name == key) found.push_back(value);
    return found;
}

std::string UnitFile::value(std::string_view key) const {
    const std::vector<std::string> all = values(key);
    if (all.empty()) throw std::runtime_error("the unit has no " + std::string(key) + "=");
    return all.back();
}

bool UnitFile::is_yes(std::string_view key) const {
    const std::vector<std::string> all = values(key);
    return !all.empty() && all.back() == "yes";
}

std::vector<std::string> UnitFile::words(std::string_view key) const {
    std::vector<std::string> all;
    for (const std::string &value : values(key))
        for (const std::string &word : words_of(value)) all.push_back(word);
    return all;
}

} // namespace rsf::test
