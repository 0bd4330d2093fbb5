// SPDX-License-Identifier: Apache-2.0
#include "dryrun/objects/pod_path.hpp"
#include "dryrun/planner/changes/changes.hpp"
#include "risk_list.hpp"

#include <algorithm>
#include <string>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

bool is_true(const json::object &object, std::string_view path) {
    const json::value *value = find(object, path);
    return value && *value == true;
}

// https://kubernetes.io/docs/concepts/containers/images/#image-names: a digest is fixed, and an image without a tag has the tag
// latest.
bool is_fixed(std::string_view image) {
    if (image.find('@') != image.npos) return true;
    const auto slash = image.rfind('/');
    const auto colon = image.find(':', slash == image.npos ? 0 : slash);
    return colon != image.npos && image.substr(colon + 1) != "latest";
}

const json::object *entry_named(const json::object *holder, const char *list, std::string_view name) {
    const json::array *entries = holder ? find_array(*holder, list) : nullptr;
    if (!entries) return nullptr;
    for (const json::value &entry : *entries)
        if (entry.is_object() && find_text(entry.get_object(), "name") == name) return &entry.get_object();
    return nullptr;
}

bool has_capability(const json::object *container, std::string_view capability) {
    const json::array *added = container ? find_array(*container, "securityContext.capabilities.add") : nullptr;
    return added && std::find(added->begin(), added->end(), json::value(json::string(capability))) != added->end();
}

void add_capability_risk(RiskList &risks, const std::string &path, const json::object *before, const json::object &after) {
    const json::array *added = find_array(after, "securityContext.capabilities.add");
    if (!added) return;
    std::string fresh;
    for (const json::value &capability : *added)
        if (capability.is_string() && !has_capability(before, capability.get_string()))
            fresh += (fresh.empty() ? "" : ", ") + std::string(capability.get_string());
    if (!fresh.empty()) risks.add(path + ".securityContext.capabilities.add", "Adds the capabilities " + fresh + ".");
}

void add_container_risks(RiskList &risks, const std::string &path, const json::object *before, const json::object &after) {
    const auto appears = [&](const char *flag) { return is_true(after, flag) && !(before && is_true(*before, flag)); };
    if (appears("securityContext.privileged"))
        risks.add(path + ".securityContext.privileged", "The container gets all rights on its node: it is privileged.");
    if (appears("securityContext.allowPrivilegeEscalation"))
        risks.add(path + ".securityContext.allowPrivilegeEscalation",
                  "Its processes may gain more rights than the container started with.");
    if (appears("securityContext.windowsOptions.hostProcess"))
        risks.add(path + ".securityContext.windowsOptions.hostProcess", "The container runs directly on its node's host.");
    add_capability_risk(risks, path, before, after);
    const std::string_view image = find_text(after, "image");
    if (!image.empty() && !is_unknown(*find(after, "image")) && !is_fixed(image) &&
        !(before && find_text(*before, "image") == image))
        risks.add(path + ".image", "The image has no fixed tag: what runs may change without a change here.");
}

bool has_host_path(const json::object *pod, std::string_view host_path) {
    const json::array *volumes = pod ? find_array(*pod, "volumes") : nullptr;
    return volumes && std::any_of(volumes->begin(), volumes->end(), [&](const json::value &volume) {
               return volume.is_object() && find(volume.get_object(), "hostPath") &&
                      find_text(volume.get_object(), "hostPath.path") == host_path;
           });
}

void add_spec_risks(RiskList &risks, const std::string &path, const json::object *before, const json::object &after) {
    struct Flag {
        const char *name, *message;
    };
    constexpr Flag flags[] = {{"hostNetwork", "The pod uses its node's network."},
                              {"hostPID", "The pod sees all processes of its node."},
                              {"hostIPC", "The pod shares memory with processes of its node."}};
    for (const Flag &flag : flags)
        if (is_true(after, flag.name) && !(before && is_true(*before, flag.name)))
            risks.add(path_of_key(path, flag.name), flag.message);

    if (const json::array *volumes = find_array(after, "volumes"))
        for (const json::value &entry : *volumes) {
            const json::object *volume = entry.if_object();
            if (!volume || !find(*volume, "hostPath")) continue;
            const std::string_view host_path = find_text(*volume, "hostPath.path");
            if (has_host_path(before, host_path)) continue;
            risks.add(path_of_entry(path + ".volumes", find_text(*volume, "name")) + ".hostPath",
                      "The pod can access " + (host_path.empty() ? "files" : in_quotes(host_path)) + " of its node.");
        }

    for (const char *list : {"initContainers", "containers", "ephemeralContainers"}) {
        const json::array *containers = find_array(after, list);
        if (!containers) continue;
        for (const json::value &entry : *containers) {
            const json::object *container = entry.if_object();
            if (!container) continue;
            const std::string_view name = find_text(*container, "name");
            add_container_risks(risks, path_of_entry(path_of_key(path, list), name), entry_named(before, list, name), *container);
        }
    }
}

} // namespace

void add_pod_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after) {
    const std::string_view path = pod_path(kind);
    if (path.empty()) return;
    if (const json::object *spec = find_object(after, path))
        add_spec_risks(risks, std::string(path), before ? find_object(*before, path) : nullptr, *spec);
}

} // namespace rsf::dryrun::planner
