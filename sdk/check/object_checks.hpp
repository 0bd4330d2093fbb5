// SPDX-License-Identifier: Apache-2.0
//
// Checks that what a driver answers about objects is true, and is about the object that was asked for.
#pragma once

#include "subject.hpp"

namespace rsf::check {

void replaces(Subject &subject);       // what a replace changes is there afterwards, and what it takes away is not
void agrees(Subject &subject);         // create and get say the same, of the object that was asked for
void lists_its_type(Subject &subject); // what was made is listed with its type, and with no other
void foretells(Subject &subject);      // a dry run says what the real call then does

} // namespace rsf::check
