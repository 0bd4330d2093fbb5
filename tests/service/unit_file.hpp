// SPDX-License-Identifier: Apache-2.0
//
// A unit file of systemd's, as far as the tests need it: the directives of one of its sections, in their order.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::test {

class UnitFile {
  public:
    // Throws std::runtime_error when there is no such file or a line of it is no directive.
    UnitFile(const std::filesystem::path &file, std::string_view section);

    const std::vector<std::pair<std::string, std::string>> &directives() const { return directives_; }
    // Every value that key is given.
    std::vector<std::string> values(std::string_view key) const;
    // The last of them; throws std::runtime_error when there is none.
    std::string value(std::string_view key) const;
    // False when it is not there.
    bool is_yes(std::string_view key) const;
    // The words of all values of key.
    std::vector<std::string> words(std::string_view key) const;

  private:
    std::vector<std::pair<std::string, std::string>> directives_;
};

std::vector<std::string> words_of(std::string_view text);

} // namespace rsf::test
