// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/kubeconfig.hpp"

#include "kubectl/process/file_stamp.hpp"
#include "kubectl/text/argument.hpp"
#include "shared/regular_file.hpp"

#include <yaml-cpp/yaml.h>

#include <optional>

namespace rsf::kubectl::settings {

namespace {

// Null if there is none.
YAML::Node at(const YAML::Node &map, const char *key) {
    if (!map.IsMap()) return {};
    const YAML::Node found = map[key];
    return found.IsDefined() ? found : YAML::Node();
}

std::string text_at(const YAML::Node &map, const char *key) {
    const YAML::Node found = at(map, key);
    return found.IsScalar() ? found.Scalar() : std::string();
}

// What stands under part in the entry of that name.
std::optional<YAML::Node> named(const YAML::Node &list, const std::string &name, const char *part) {
    if (list.IsSequence())
        for (const YAML::Node &entry : list)
            if (text_at(entry, "name") == name) return at(entry, part);
    return std::nullopt;
}

// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
std::string fault_of(const YAML::Node &config, const Settings &settings) {
    if (config.IsNull()) return "is empty";
    if (!config.IsMap()) return "is not a kubeconfig: it holds no mapping";
    const bool needs_cluster = settings.server.empty();
    const std::string context = settings.context.empty() ? text_at(config, "current-context") : settings.context;
    if (context.empty()) return needs_cluster ? "has no current-context: name one there, or as the setting context" : "";
    const std::optional<YAML::Node> found = named(at(config, "contexts"), context, "context");
    if (!found && (needs_cluster || !settings.context.empty())) return "has no context " + text::in_quotes(context);
    if (!needs_cluster) return {};
    const std::string cluster = text_at(*found, "cluster");
    if (cluster.empty()) return "names no cluster in its context " + text::in_quotes(context);
    const std::optional<YAML::Node> there = named(at(config, "clusters"), cluster, "cluster");
    if (!there)
        return "has no cluster " + text::in_quotes(cluster) + ", which its context " + text::in_quotes(context) + " names";
    return text_at(*there, "server").empty() ? "names no server in its cluster " + text::in_quotes(cluster) : "";
}

std::string fault_of(const shared::RegularFile &file, const Settings &settings) {
    if (static_cast<std::size_t>(file.status.st_size) > longest_kubeconfig) return "is longer than 1 MiB";
    try {
        return fault_of(YAML::Load(shared::read_text(file, longest_kubeconfig).text), settings);
    } catch (const YAML::Exception &error) { // whose words may quote the file
        return "is not YAML: correct its line " + std::to_string(error.mark.line + 1);
    }
}

} // namespace

std::string Kubeconfig::fault() const {
    if (settings_.config.empty()) return {};
    const shared::RegularFile file = shared::open_regular_file(settings_.config);
    std::string fault = file.fault;
    if (fault.empty()) {
        const std::string stamp =
            process::stamp_of(file.status); // of before it is read: a change in between is seen the next time
        const shared::Lock lock(mutex_);
        if (stamp_ != stamp) fault_ = fault_of(file, settings_);
        stamp_ = stamp;
        fault = fault_;
    }
    return fault.empty() ? fault : "The setting config names " + settings_.config + ", which " + fault + ".";
}

void Kubeconfig::check() const {
    if (const std::string found = fault(); !found.empty())
        throw Error(Code::unavailable, found + " kubectl is not run until that is corrected.", Retry::later);
}

} // namespace rsf::kubectl::settings
