// SPDX-License-Identifier: Apache-2.0
//
// The environment that kubectl runs in, and the folder for its cache: determined once, when the driver is created. Immutable
// after construction; thread-safe.
#pragma once

#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/kubeconfig.hpp"
#include "kubectl/settings/settings.hpp"

#include <string>
#include <vector>

namespace rsf::kubectl::settings {

class Environment {
  public:
    // host: the daemon's own environment, NAME=value. settings outlive it.
    Environment(const Settings &settings, const Credentials &credentials, const std::vector<std::string> &host);
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;
    ~Environment(); // removes the cache folder if it is the driver's own

    const std::vector<std::string> &variables() const { return variables_; }
    // The files that say where the cluster is and who is asking.
    const std::vector<std::string> &files() const { return files_; }
    const Kubeconfig &kubeconfig() const { return kubeconfig_; }
    const std::string &cache_folder() const { return cache_folder_; }
    // Where to make folders for sockets; its path leaves room for theirs.
    const std::string &socket_folder() const { return socket_folder_; }
    // Where kubectl works when its kubeconfig names no namespace: that of the pod that the daemon runs in, else "default".
    std::string pod_namespace() const;

  private:
    const Kubeconfig kubeconfig_;
    std::vector<std::string> variables_;
    std::vector<std::string> files_;
    std::string cache_folder_;
    bool own_cache_folder_ = false;
    std::string socket_folder_;
    bool uses_pod_ = false; // kubectl takes cluster and user from the pod
};

// This process's environment.
std::vector<std::string> host_environment();

// The value of name in it, or empty.
std::string variable(const std::vector<std::string> &environment, std::string_view name);

} // namespace rsf::kubectl::settings
