// SPDX-License-Identifier: Apache-2.0
//
// Passes the settings' secrets to kubectl as a kubeconfig in memory that only the child can open, never on a command line or a
// disk; and masks them, and other secrets that kubectl uses, in texts for people. Thread-safe once know() has returned.
#pragma once

#include "kubectl/process/file_descriptor.hpp"
#include "kubectl/settings/kubeconfig_secrets.hpp"
#include "kubectl/settings/settings.hpp"

#include <resourcifier/driver.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::settings {

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

    // Where other secrets are: see KubeconfigSecrets.
    void know(const std::vector<std::string> &files, const std::vector<std::string> &variables);
    // To be called before each call: the files may have changed.
    void refresh() const;

    // text with every secret replaced by "***", and whatever looks like one: kubectl, or a program that it ran, may have repeated
    // it.
    std::string without_secrets(std::string text) const;
    json::value fit_to_show(json::value details) const; // in its strings
    // What error says, without secrets. Where the cluster does not know a user name and a password, it says why as well.
    std::string told(const Error &error) const;

  private:
    process::FileDescriptor kubeconfig_;
    bool is_basic_;                    // whether a user name and a password say who is asking
    std::vector<std::string> secrets_; // longest first, so that none leaves a part of another
    std::unique_ptr<KubeconfigSecrets> others_;
};

} // namespace rsf::kubectl::settings
