// SPDX-License-Identifier: Apache-2.0
//
// Checks that the kubeconfig of the setting config names a server. Otherwise kubectl would use the pod's cluster or
// http://localhost:8080, and send the objects unencrypted to any program that listens there. Thread-safe.
#pragma once

#include "kubectl/settings/settings.hpp"
#include "shared/mutex.hpp"

#include <cstddef>
#include <string>

namespace rsf::kubectl::settings {

inline constexpr std::size_t longest_kubeconfig = std::size_t{1} << 20U;

class Kubeconfig {
  public:
    // Outlived by settings.
    explicit Kubeconfig(const Settings &settings) : settings_(settings) {}

    // Why kubectl can't use it, as a sentence, or empty. It is read again when it has changed, and opened each time.
    std::string fault() const;

    // Throws Error (Code::unavailable) if there is a fault. To be called before kubectl is run.
    void check() const;

  private:
    const Settings &settings_;

    mutable shared::Mutex mutex_;
    // What was found in the file of that stamp.
    mutable std::string stamp_ GUARDED_BY(mutex_);
    mutable std::string fault_ GUARDED_BY(mutex_);
};

} // namespace rsf::kubectl::settings
