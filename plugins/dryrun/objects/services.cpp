// SPDX-License-Identifier: Apache-2.0
#include "services.hpp"

#include "values.hpp"

#include <cstdint>
#include <vector>

namespace rsf::dryrun::objects {
namespace {

std::vector<std::int64_t> node_ports_of(const json::object &service) {
    std::vector<std::int64_t> numbers;
    if (const json::array *ports = find_array(service, "spec.ports"))
        for (const json::value &port : *ports)
            numbers.push_back(port.is_object() ? find_number(port.get_object(), "nodePort", 0) : 0);
    return numbers;
}

bool is_same(const json::object &one, const json::object &other, std::string_view path) {
    const json::value *first = find(one, path), *second = find(other, path);
    return first && second ? *first == *second : first == second;
}

} // namespace

std::string_view service_type(const json::object &service) {
    const std::string_view type = find_text(service, "spec.type");
    return type.empty() ? "ClusterIP" : type;
}

bool has_node_ports(const json::object &service) {
    const json::value *allocates = find(service, "spec.allocateLoadBalancerNodePorts");
    return service_type(service) == "NodePort" ||
           (service_type(service) == "LoadBalancer" && !(allocates && *allocates == false));
}

bool has_health_check_port(const json::object &service) {
    return service_type(service) == "LoadBalancer" && find_text(service, "spec.externalTrafficPolicy") == "Local";
}

void drop_what_the_type_needed(json::object &service, const json::object &held) {
    if (!find_object(service, "spec")) return;
    json::object &spec = object_in(service, "spec");
    if (service_type(held) != "ExternalName" && service_type(service) == "ExternalName" &&
        is_same(service, held, "spec.clusterIP"))
        for (const char *key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) spec.stable_erase(key);
    if (has_health_check_port(held) && !has_health_check_port(service) && is_same(service, held, "spec.healthCheckNodePort"))
        spec.stable_erase("healthCheckNodePort");
    json::value *ports = spec.if_contains("ports");
    if (!ports || !ports->is_array() || !has_node_ports(held) || has_node_ports(service)) return;
    if (node_ports_of(service) != node_ports_of(held)) return;
    for (json::value &port : ports->get_array())
        if (port.is_object()) port.get_object().stable_erase("nodePort");
}

} // namespace rsf::dryrun::objects
