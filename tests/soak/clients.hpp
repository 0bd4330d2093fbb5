// SPDX-License-Identifier: Apache-2.0
//
// What is asked of the targets that must notice nothing.
#pragma once

#include "soak/ledger.hpp"
#include "soak/soaked_daemon.hpp"

#include <array>
#include <string>
#include <string_view>

namespace rsf::test {

inline constexpr std::array<std::string_view, 3> clusters{"scratch", "stored", "here"};

// The life of two ConfigMaps on one of the clusters, from their creation to their end, seen through each of the verbs. name: of
// one of them; nobody else's.
void live(Visitor &visitor, std::string_view cluster, const std::string &name);

// Asks the target "upgraded" who it is, which must be neither older than the last upgrade that was done nor newer than the one
// that has begun.
void ask_upgraded(Visitor &visitor, const SoakedDaemon &daemon, const std::string &name);

} // namespace rsf::test
