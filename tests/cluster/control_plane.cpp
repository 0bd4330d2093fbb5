// SPDX-License-Identifier: Apache-2.0
#include "cluster/control_plane.hpp"

#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rsf::test {

ControlPlane::ControlPlane(Audit audit) : audit_(audit) { up(); }

ControlPlane::~ControlPlane() { script("down"); }

void ControlPlane::up() {
    const Ended up = script("up");
    if (up.exit_code != 0) throw std::runtime_error("the control plane does not come up:\n" + up.err);
    std::istringstream lines(script("env").out); // export NAME=VALUE; the values hold nothing that needs quoting here
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        if (line.starts_with("export ") && equals != std::string::npos)
            environment_[line.substr(7, equals - 7)] = line.substr(equals + 1);
    }
}

Ended ControlPlane::script(const std::string &command) const {
    return run_program({"env", "RESOURCIFIER_CLUSTER_DIR=" + (folder_.path() / "control-plane").string(),
                        audit_ == Audit::on ? "RESOURCIFIER_CLUSTER_AUDIT=1" : "RESOURCIFIER_CLUSTER_AUDIT=0",
                        TEST_SOURCE_DIR "/cluster/control_plane.sh", command});
}

Ended ControlPlane::run_kubectl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {kubectl(), "--kubeconfig", kubeconfig()});
    return run_program(arguments);
}

boost::json::value ControlPlane::get(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "get");
    arguments.insert(arguments.end(), {"-o", "json"});
    const Ended ended = run_kubectl(std::move(arguments));
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
    return boost::json::parse(ended.out);
}

void ControlPlane::signal_api_server(int number) const {
    std::ifstream file(folder_.path() / "control-plane" / "kube-apiserver.pid");
    int pid = 0;
    file >> pid;
    if (pid <= 0) throw std::runtime_error("the API server has no pid file");
    kill(pid, number);
}

} // namespace rsf::test
