// SPDX-License-Identifier: Apache-2.0
//
// A plan as text/x-diff: every resource's diff, with comment lines between them that patch, git apply and what colours diffs
// skip. patch -p1 applies it to a folder that holds each object in the file that file_name_of() names. Pure.
#pragma once

#include "render/plan_document.hpp"

#include <string>

namespace rsf::render {

// "<namespace, or _cluster>/<kind>/<name>.yaml": lower-case kind; bytes other than A-Za-z0-9._- as %3A, and so no part is ".." or
// hidden; parts that are too long for a file system end in a hash. What a resource's diff should name, behind "a/" and "b/".
std::string file_name_of(const PlannedResource &resource);

std::string diff_text(const PlanDocument &plan);

} // namespace rsf::render
