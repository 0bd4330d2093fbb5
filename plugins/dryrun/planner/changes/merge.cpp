// SPDX-License-Identifier: Apache-2.0
#include "merge.hpp"
#include "dryrun/objects/services.hpp"
#include "dryrun/planner/object.hpp"
#include "masking/base64.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

// A client leaves a field to the server by omitting it, or with "", 0 or [].
bool is_left_out(const json::value *value) {
    return !value || value->is_null() || *value == "" || *value == 0 || *value == json::array();
}

void keep(json::object &object, const json::object &live, std::initializer_list<const char *> keys) {
    for (const char *key : keys)
        if (const json::value *held = find(live, key); held && is_left_out(object.if_contains(key))) object[key] = *held;
}

void keep_metadata(json::object &result, const json::object &live) {
    const json::object *held = find_object(live, "metadata");
    if (!held) return;
    json::object &metadata = object_in(result, "metadata");
    for (const char *key : {"uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields"})
        if (const json::value *value = find(*held, key)) metadata[key] = *value;
    keep(metadata, *held, {"namespace", "deletionTimestamp", "deletionGracePeriodSeconds"});
}

// ---- Services ----

std::vector<std::int64_t> node_ports(const json::array &ports) {
    std::vector<std::int64_t> numbers;
    for (const json::value &port : ports)
        if (port.is_object()) numbers.push_back(find_number(port.get_object(), "nodePort", 0));
    return numbers;
}

// Matched by the port's name, as the server does it. A number that another port asks for is not kept.
void keep_node_ports(json::object &spec, const json::array &held) {
    json::value *ports = spec.if_contains("ports");
    if (!ports || !ports->is_array()) return;
    std::vector<std::int64_t> used = node_ports(ports->get_array());
    for (json::value &entry : ports->get_array()) {
        json::object *port = entry.if_object();
        if (!port || find_number(*port, "nodePort", 0) != 0) continue;
        for (const json::value &old_entry : held) {
            const json::object *old_port = old_entry.if_object();
            if (!old_port || find_text(*old_port, "name") != find_text(*port, "name")) continue;
            const std::int64_t number = find_number(*old_port, "nodePort", 0);
            if (number == 0 || std::find(used.begin(), used.end(), number) != used.end()) continue;
            (*port)["nodePort"] = number;
            used.push_back(number);
            break;
        }
    }
}

void keep_addresses(json::object &result, const json::object &live) {
    drop_what_the_type_needed(result, live);
    const json::object *held = find_object(live, "spec");
    if (!held || !find_object(result, "spec")) return;
    const bool keeps_ports = has_node_ports(result) && has_node_ports(live);
    const bool keeps_health_check = has_health_check_port(result) && has_health_check_port(live);
    const bool keeps_addresses = service_type(result) != "ExternalName" && service_type(live) != "ExternalName";
    json::object &spec = object_in(result, "spec");
    if (keeps_addresses) {
        const json::array *asked = find_array(spec, "clusterIPs");
        if (asked && !asked->empty() && is_left_out(spec.if_contains("clusterIP")))
            spec["clusterIP"] = json::value(asked->front());
        keep(spec, *held, {"clusterIP"});
        if (find_text(spec, "clusterIP") == find_text(*held, "clusterIP")) keep(spec, *held, {"clusterIPs"});
        keep(spec, *held, {"ipFamilies", "ipFamilyPolicy"});
    }
    if (const json::array *ports = find_array(*held, "ports"); ports && keeps_ports) keep_node_ports(spec, *ports);
    if (keeps_health_check) keep(spec, *held, {"healthCheckNodePort"});
}

void keep_namespace(json::object &result, const json::object &live) {
    if (const json::value *finalizers = find(live, "spec.finalizers")) object_in(result, "spec")["finalizers"] = *finalizers;
    constexpr const char *name = "kubernetes.io/metadata.name";
    const json::object *labels = find_object(live, "metadata.labels");
    if (labels && labels->contains(name)) object_in(object_in(result, "metadata"), "labels")[name] = labels->at(name);
}

// As the server does it: stringData is for writing only. https://kubernetes.io/docs/concepts/configuration/secret/
void store_string_data(json::object &secret) {
    const json::object *plain = find_object(secret, "stringData");
    if (!plain) return;
    const json::object entries = *plain; // object_in may move what plain points to
    json::object &data = object_in(secret, "data");
    for (const auto &[key, value] : entries)
        if (value.is_string()) data[key] = masking::encode_base64(value.get_string());
    secret.stable_erase("stringData");
}

} // namespace

json::object merged(const json::object &live, const json::object &posted) {
    json::object result = posted;
    keep_metadata(result, live);
    keep(result, live, {"apiVersion", "kind", "status"});
    const std::string kind = qualified_kind(result);
    if (kind == "Service") keep_addresses(result, live);
    if (kind == "Secret") {
        store_string_data(result);
        keep(result, live, {"type"});
    }
    if (kind == "Namespace") keep_namespace(result, live);
    if (kind == "ClusterRole.rbac.authorization.k8s.io" && find(result, "aggregationRule"))
        if (const json::value *rules = find(live, "rules")) result["rules"] = *rules;
    return result;
}

} // namespace rsf::dryrun::planner
