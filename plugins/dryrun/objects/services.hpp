// SPDX-License-Identifier: Apache-2.0
//
// services.hpp: which fields of a Service depend on its type. Pure functions.
// https://github.com/kubernetes/kubernetes/blob/v1.20.15/pkg/registry/core/service/strategy.go
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::dryrun::objects {

// spec.type, or "ClusterIP", which it is by default.
std::string_view service_type(const json::object &service);

bool has_node_ports(const json::object &service);
bool has_health_check_port(const json::object &service);

// Drops addresses and ports that the cluster had chosen for the type of held, that the type of service does not have, and that
// the client left as they were. held: the live Service.
void drop_what_the_type_needed(json::object &service, const json::object &held);

} // namespace rsf::dryrun::objects
