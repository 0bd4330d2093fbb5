// SPDX-License-Identifier: Apache-2.0
//
// Checks of what calls leave behind in their process.
#pragma once

#include "subject.hpp"

namespace rsf::check {

void leaves_nothing(Subject &subject);      // per call: no descriptor, thread, process or memory
void leaves_surroundings(Subject &subject); // folder, umask, locale, environment, signals are as before it was loaded

} // namespace rsf::check
