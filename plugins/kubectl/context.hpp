// SPDX-License-Identifier: Apache-2.0
//
// What a kubeconfig says of its contexts. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rsf::kubectl {

// The namespace of the context, by name or, if that is empty, the current one; empty: it has none. view: what `kubectl config
// view
// --output=json` says. Throws Error when that is no such thing.
std::string context_namespace(std::string_view view, std::string_view context);

} // namespace rsf::kubectl
