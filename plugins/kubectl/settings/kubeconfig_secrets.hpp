// SPDX-License-Identifier: Apache-2.0
//
// The secrets that kubectl uses beside those in the settings: of its kubeconfig, of the files which that names, and of its
// environment. kubectl, a credential program or a server may repeat them in their output. Thread-safe.
#pragma once

#include "masking/secret_search.hpp"
#include "shared/mutex.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::settings {

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

    mutable shared::Mutex mutex_;
    Known now_ GUARDED_BY(mutex_);
    Known before_ GUARDED_BY(mutex_);
    std::string stamp_ GUARDED_BY(mutex_);
    masking::SecretSearch search_ GUARDED_BY(mutex_);
};

} // namespace rsf::kubectl::settings
