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

    // text with what its references stand for: ${credential:NAME} for what the credential holds, without a line's end at its end;
    // ${credential_file:NAME} for the path of its file. $${credential is how to write ${credential.
    Result<std::string> fill_in(std::string_view text);

    // What was filled in, and is to be shown to nobody.
    const std::vector<std::string> &secrets() const { return secrets_; }

  private:
    Result<std::filesystem::path> find(std::string_view name) const;
    Result<std::string> read(std::string_view name) const;
    std::vector<std::string> names() const;

    std::filesystem::path folder_;
    std::vector<std::string> secrets_;
};

} // namespace rsf::config
