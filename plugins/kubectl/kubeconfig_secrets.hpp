// SPDX-License-Identifier: Apache-2.0
//
// The secrets that kubectl works with though no setting names them: those of its kubeconfig, of the files which that names, and
// of its environment. kubectl, a program that it runs for credentials, or whoever answers it may repeat them. Thread-safe.
#pragma once

#include "masking/secret_search.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <mutex>

namespace rsf::kubectl {

class KubeconfigSecrets {
  public:
    // files: kubeconfigs, and others that hold nothing but a secret. variables: the environment, NAME=value.
    KubeconfigSecrets(std::vector<std::string> files, const std::vector<std::string> &variables);

    // Reads again what was changed since. Costs a look at each file's stamp if nothing was. To be called before kubectl reads it.
    void refresh();

    // text with "***" in place of what is known, and of what was until the change before the last: an answer may be under way.
    std::string hide(std::string text) const;

  private:
    struct Known {
        std::vector<std::string> values;
        std::vector<std::string> named; // files
    };

    static void read_file(const std::string &path, Known &known);

    const std::vector<std::string> files_;
    std::vector<std::string> always_; // values; constant after construction

    mutable std::mutex mutex_;
    // guarded by mutex_
    Known now_, before_;
    std::string stamp_;
    masking::SecretSearch search_;
};

} // namespace rsf::kubectl
