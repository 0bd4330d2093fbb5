// SPDX-License-Identifier: Apache-2.0
//
// The clusters behind the daemon's targets, read and written past the daemon: the state folder of the simulated one, and, where
// its programs are on this machine, a real control plane of its own, two namespaces of which are a target for each transport.
#pragma once

#include "crash/history.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace rsf::test::crash {

struct Target {
    enum class Kind { embedded, proxy, exec } kind;
    std::string name; // and of its namespace in the real cluster

    bool is_real() const { return kind != Kind::embedded; }
};

class Clusters {
  public:
    // Starts the control plane, or says on standard output why there is none.
    explicit Clusters(const TempFolder &folder);
    ~Clusters(); // ends it
    Clusters(const Clusters &) = delete;
    Clusters &operator=(const Clusters &) = delete;

    const std::vector<Target> &targets() const { return targets_; }
    bool has_control_plane() const { return !kubectl_.empty(); }
    // The YAML below "targets:".
    std::string settings() const;

    // Throws when the cluster does not answer.
    Contents read(const Target &target) const;
    // Where the simulated cluster keeps the objects.
    std::filesystem::path state_files() const { return folder_ / "state" / "default" / "ConfigMap"; }
    // As a client of its own, of the simulated cluster only while no daemon runs: whether it is there now because of this.
    bool create(const Target &target, const std::string &object, const std::string &marker) const;

    void kill_api_server() const;
    // Until it answers again, with all that it had.
    void start_api_server() const;

    // Ends the control plane.
    void end() const;

    // The program and its arguments, up to the command.
    std::vector<std::string> kubectl(const Target &target) const;

  private:
    std::string run(std::vector<std::string> arguments) const;
    std::vector<std::string> script(const std::string &command) const;

    const std::filesystem::path folder_;
    std::string kubectl_, kubeconfig_;
    std::vector<Target> targets_{{Target::Kind::embedded, "embedded"}};
};

} // namespace rsf::test::crash
