// SPDX-License-Identifier: Apache-2.0
//
// Credentials that systemd passes (LoadCredential= and its like, systemd.exec(5)), and texts that refer to them. Not thread-safe.
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::config {

class Credentials {
  public:
    // The folder that $CREDENTIALS_DIRECTORY names.
    static Credentials of_this_process();
    // folder: empty if there are none.
    explicit Credentials(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // text with its references replaced: ${credential:NAME} by the content of the credential, without a line break at its end;
    // ${credential_file:NAME} by the path of its file. $${credential stands for a literal ${credential.
    Result<std::string> fill_in(std::string_view text);

    // The contents that were filled in; they must not be shown.
    const std::vector<std::string> &secrets() const { return secrets_; }

  private:
    Result<std::filesystem::path> find(std::string_view name) const;
    Result<std::string> read(std::string_view name) const;
    std::vector<std::string> names() const;

    std::filesystem::path folder_;
    std::vector<std::string> secrets_;
};

} // namespace rsf::config
