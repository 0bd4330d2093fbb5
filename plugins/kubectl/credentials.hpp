// SPDX-License-Identifier: Apache-2.0
//
// How the settings' secrets reach kubectl: as a kubeconfig in memory that only the child can open, never on a command line or a
// disk. Immutable after construction; thread-safe.
#pragma once

#include "file_descriptor.hpp"
#include "settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

class Credentials {
  public:
    explicit Credentials(const Settings &settings);

    // Whether the settings say who is asking. If not, the kubeconfig does.
    bool any() const { return static_cast<bool>(kubeconfig_); }

    // What the child is to inherit, as Program::first_inherited: one descriptor, or none.
    std::vector<int> inherited() const { return any() ? std::vector<int>{kubeconfig_.get()} : std::vector<int>{}; }

    // Where the child finds it, and what its user is called there (for --user).
    static std::string path();
    static constexpr std::string_view user = "resourcifierd";

    // text with every secret replaced by "***": kubectl, or a program that it ran, may have repeated one.
    std::string without_secrets(std::string text) const;

  private:
    FileDescriptor kubeconfig_;
    std::vector<std::string> secrets_; // longest first, so that none leaves a part of another
};

} // namespace rsf::kubectl
