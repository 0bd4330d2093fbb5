// SPDX-License-Identifier: Apache-2.0
//
// The command lines that kubectl is run with. They hold no secret. Pure; thread-safe.
#pragma once

#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::transports {

using Words = std::vector<std::string>;

// "kubectl" and what every command says: the cluster, who is asking, how long it may take.
struct CommonFlags {
    const settings::Settings &settings;
    const settings::Credentials &credentials;
    const std::string &cache_folder;
};

// kubectl COMMAND... FLAGS... [--namespace=NS] -- WORDS...; the words can't be flags. left: until the call's deadline, after
// which even a kubectl that has outlived the daemon shall not run on; none: it runs until it is ended. ns: empty: the context's.
Words command_line(const CommonFlags &common, const Words &command, std::string_view ns,
                   std::optional<std::chrono::milliseconds> left, const Words &words = {});

} // namespace rsf::kubectl::transports
