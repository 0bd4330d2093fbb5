// SPDX-License-Identifier: Apache-2.0
//
// A throwaway Kubernetes control plane for tests (control_plane.sh), in a folder of its own, taken down with the object.
#pragma once

#include "support/daemon_process.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace rsf::test {

class ControlPlane {
  public:
    enum class Audit { off, on };
    // Builds what is missing, once; throws with the script's words when it can't.
    explicit ControlPlane(Audit audit = Audit::off);
    ~ControlPlane();

    const std::string &kubectl() const { return environment_.at("RESOURCIFIER_KUBECTL"); }
    const std::string &kubeconfig() const { return environment_.at("KUBECONFIG"); }
    const std::string &reader_kubeconfig() const { return environment_.at("RESOURCIFIER_KUBECONFIG_READER"); }

    // kubectl as admin.
    Ended run_kubectl(std::vector<std::string> arguments) const;
    // Its JSON output; fails the test when it has none.
    boost::json::value get(std::vector<std::string> arguments) const;

    // What the API server noted of each request, in lines of JSON (audit.k8s.io/v1 Event). Only with Audit::on.
    std::filesystem::path audit_log() const { return folder_.path() / "control-plane" / "audit.log"; }

    // The API server's process: SIGSTOP, SIGCONT, SIGKILL.
    void signal_api_server(int number) const;
    // Starts it anew, empty, after SIGKILL.
    void up();

  private:
    Ended script(const std::string &command) const;

    const Audit audit_;
    TempFolder folder_;
    std::map<std::string, std::string> environment_;
};

} // namespace rsf::test
