// SPDX-License-Identifier: Apache-2.0
//
// Checks of what driver ABI 1.1 added. Each skips itself where the driver does not offer it.
#pragma once

#include "subject.hpp"

namespace rsf::check {

void tells_abilities(Subject &subject); // for the report: what the driver offers
void revisions(Subject &subject);       // a write at another revision than the expected one changes nothing
void settles(Subject &subject);         // whether a write was done is told truly
void names_kinds(Subject &subject);     // types have one name

} // namespace rsf::check
