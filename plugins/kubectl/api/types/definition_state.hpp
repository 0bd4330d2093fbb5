// SPDX-License-Identifier: Apache-2.0
//
// What a CustomResourceDefinition says of itself. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <vector>

namespace rsf::kubectl::api {

// Whether the cluster serves what it defines. Throws Error (conflict) when it will not, since another definition has its names.
// definition: as the cluster holds it.
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus
bool is_in_force(const json::object &definition);

// "example.org/v1": the versions that it has, and perhaps serves.
std::vector<std::string> api_versions_of(const json::object &definition);

} // namespace rsf::kubectl::api
