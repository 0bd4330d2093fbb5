// SPDX-License-Identifier: Apache-2.0
#include "crash/cluster.hpp"

#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace rsf::test::crash {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr int not_built = 77; // control_plane.sh

std::string marker_of(const json::value &object) {
    const json::value *data = object.as_object().if_contains("data");
    const json::value *marker = data && data->is_object() ? data->get_object().if_contains("marker") : nullptr;
    if (!marker) return "none";
    // A reference that stands in the cluster as it was posted is as wrong as another's marker.
    const json::value *about = data->get_object().if_contains("about");
    if (about && about->as_string().starts_with("$(")) return "unresolved";
    return std::string(marker->as_string());
}

} // namespace

std::vector<std::string> Clusters::script(const std::string &command) const {
    return {"env", "RESOURCIFIER_CLUSTER_DIR=" + (folder_ / "control-plane").string(), "RESOURCIFIER_CLUSTER_WHOLE_WATCHES=1",
            TEST_SOURCE_DIR "/cluster/control_plane.sh", command};
}

Clusters::Clusters(const TempFolder &folder) : folder_(folder.path()) {
    std::vector<std::string> up = script("up");
    up.emplace_back("--if-built");
    const Ended began = run_program(up);
    if (began.exit_code == not_built) {
        std::cout << "There is no real control plane on this machine (tests/cluster/assets.sh make builds it): the embedded "
                     "cluster alone is tested.\n";
        return;
    }
    if (began.exit_code != 0) throw std::runtime_error("the control plane does not come up:\n" + began.err);
    std::istringstream lines(run_program(script("env")).out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("export KUBECONFIG=")) kubeconfig_ = line.substr(18);
        if (line.starts_with("export RESOURCIFIER_KUBECTL=")) kubectl_ = line.substr(28);
    }
    for (const auto &[kind, name] : {std::pair(Target::Kind::proxy, "proxy"), std::pair(Target::Kind::exec, "exec")}) {
        run({kubectl_, "--kubeconfig", kubeconfig_, "create", "namespace", name});
        targets_.push_back({kind, name});
    }
}

Clusters::~Clusters() { end(); }

void Clusters::end() const {
    if (has_control_plane()) run_program(script("down"));
}

std::string Clusters::run(std::vector<std::string> arguments) const {
    Ended ended = run_program(arguments);
    if (ended.exit_code != 0) throw std::runtime_error(arguments[0] + " failed: " + ended.err);
    return std::move(ended.out);
}

std::vector<std::string> Clusters::kubectl(const Target &target) const {
    return {kubectl_, "--kubeconfig", kubeconfig_, "--namespace", target.name};
}

std::string Clusters::settings() const {
    std::string text;
    for (const Target &target : targets_) {
        text += "  " + target.name + ": {timeout: 30s, ";
        if (target.is_real())
            text += "driver: kubectl, settings: {transport: " + target.name + ", kubectl: " + kubectl_ +
                    ", config: " + kubeconfig_ + ", namespace: " + target.name + "}}\n";
        else
            text += "driver: dryrun, settings: {state: " + (folder_ / "state").string() + "}}\n";
    }
    return text;
}

Contents Clusters::read(const Target &target) const {
    Contents contents;
    if (!target.is_real()) {
        if (!fs::exists(state_files())) return contents;
        for (const fs::directory_entry &each : fs::directory_iterator(state_files()))
            if (each.path().extension() == ".json") contents[each.path().stem()] = marker_of(json::parse(read_file(each.path())));
        return contents;
    }
    std::vector<std::string> get = kubectl(target);
    get.insert(get.end(), {"get", "configmaps", "-o", "json"});
    const json::value list = json::parse(run(std::move(get)));
    for (const json::value &each : list.at("items").as_array()) {
        const std::string name(each.at("metadata").at("name").as_string());
        if (name.starts_with("o")) contents[name] = marker_of(each); // not kube-root-ca.crt
    }
    return contents;
}

bool Clusters::create(const Target &target, const std::string &object, const std::string &marker) const {
    if (!target.is_real()) {
        const fs::path file = state_files() / (object + ".json"), unfinished = folder_ / "foreign.json";
        if (fs::exists(file)) return false;
        const std::string uid = "00000000-0000-4000-8000-000000000000";
        write_file(unfinished, json::serialize(json::object{{"apiVersion", "v1"},
                                                            {"kind", "ConfigMap"},
                                                            {"metadata",
                                                             {{"name", object},
                                                              {"namespace", "default"},
                                                              {"uid", uid},
                                                              {"resourceVersion", "1"},
                                                              {"creationTimestamp", "2026-01-01T00:00:00Z"}}},
                                                            {"data", {{"marker", marker}}}}));
        fs::rename(unfinished, file);
        return true;
    }
    std::vector<std::string> create = kubectl(target);
    create.insert(create.end(), {"create", "configmap", object, "--from-literal=marker=" + marker});
    return run_program(create).exit_code == 0;
}

void Clusters::kill_api_server() const {
    std::ifstream file(folder_ / "control-plane" / "kube-apiserver.pid");
    int pid = 0;
    file >> pid;
    if (pid > 1) ::kill(pid, SIGKILL);
}

void Clusters::start_api_server() const { run(script("again")); }

} // namespace rsf::test::crash
