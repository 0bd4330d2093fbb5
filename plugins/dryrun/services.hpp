// SPDX-License-Identifier: Apache-2.0
//
// services.hpp: what a Service's type makes of its fields. Pure functions.
// https://github.com/kubernetes/kubernetes/blob/v1.20.15/pkg/registry/core/service/strategy.go
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::dryrun {

// spec.type, or "ClusterIP", which it is by default.
std::string_view service_type(const json::object &service);

bool has_node_ports(const json::object &service);
bool has_health_check_port(const json::object &service);

// What the type of held needed, the type of service does not need, and nobody changed, is dropped: clusters chose it.
void drop_what_the_type_needed(json::object &service, const json::object &held);

} // namespace rsf::dryrun
