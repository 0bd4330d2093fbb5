// SPDX-License-Identifier: Apache-2.0
//
// What a kubeconfig says of its contexts. Thread-safe.
#pragma once

#include "kubectl/process/event.hpp"
#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/environment.hpp"
#include "kubectl/settings/settings.hpp"

#include <string>
#include <string_view>

namespace rsf::kubectl::transports {

// The namespace of the context, by name or, if that is empty, the current one; empty: it has none. view: what `kubectl config
// view --output=json` says. Throws Error when that is no such thing.
std::string context_namespace(std::string_view view, std::string_view context);

// Where kubectl works when nothing names a namespace: that of the context or the pod, else "default". Asks kubectl, which knows
// how several kubeconfig files make one; no cluster. Returns at once when stop is set (null: none), at the latest after some
// seconds; throws Error.
std::string ask_default_namespace(const settings::Settings &settings, const settings::Credentials &credentials,
                                  const settings::Environment &environment, const process::Event *stop = nullptr);

} // namespace rsf::kubectl::transports
