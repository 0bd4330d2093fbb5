// SPDX-License-Identifier: Apache-2.0
//
// What a kubeconfig says of its contexts. Thread-safe.
#pragma once

#include "credentials.hpp"
#include "environment.hpp"
#include "settings.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace rsf::kubectl {

// The namespace of the context, by name or, if that is empty, the current one; empty: it has none. view: what `kubectl config
// view --output=json` says. Throws Error when that is no such thing.
std::string context_namespace(std::string_view view, std::string_view context);

// Where kubectl works when nothing names a namespace: that of the context or the pod, else "default". Asks kubectl, which knows
// how several kubeconfig files make one; no cluster. Returns once stop does, at the latest after some seconds; throws Error.
std::string ask_default_namespace(const Settings &settings, const Credentials &credentials, const Environment &environment,
                                  const std::function<bool()> &stop);

} // namespace rsf::kubectl
