// SPDX-License-Identifier: Apache-2.0
//
// What is done to the daemon's drivers for their ill: one target for each misdeed, so that a driver's crash is not the next one
// before it is taken for healthy again, and none is put off.
#pragma once

#include "soak/ledger.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace rsf::test {

inline constexpr std::string_view saboteur_prefix = "sab-";

struct Misdeed {
    std::string_view type; // as saboteur.cpp knows it
    int status;            // what it is answered with
    std::string_view says; // part of the sentence; or it is answered as if it were none
    enum class Kind { crash, hang, flood } kind;
};

std::span<const Misdeed> misdeeds();

// For the settings file.
std::string saboteur_targets();

// Commits one, and looks whether its target works again.
void commit(const Misdeed &misdeed, Visitor &visitor);

} // namespace rsf::test
