// SPDX-License-Identifier: Apache-2.0
//
// Objects as the files of a repository: YAML that people like to read, and that kubectl, Flux and Argo CD read as the same
// values. Pure.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace gitops {

std::string write_manifest(const rsf::json::object &object);

// Throws rsf::Error (conflict) that names file when it is not one YAML mapping: somebody else wrote it.
rsf::json::object read_manifest(const std::string &text, const std::string &file);

} // namespace gitops
