// SPDX-License-Identifier: Apache-2.0
//
// Whether the kubeconfig that the setting config names says where the cluster is. From one that does not, kubectl would take the
// pod's cluster, or http://localhost:8080: whatever listens there would get the objects, unencrypted. Thread-safe.
#pragma once

#include "settings.hpp"

#include <mutex>
#include <string>

namespace rsf::kubectl {

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

    mutable std::mutex mutex_;
    // Guarded by mutex_: what was found in the file of that stamp.
    mutable std::string stamp_, fault_;
};

} // namespace rsf::kubectl
