// SPDX-License-Identifier: Apache-2.0
//
// A plan as one self-contained page: no network, and no script except for the search by text. Pure.
#pragma once

#include "render/plan_document.hpp"

#include <string>

namespace rsf::render {

std::string html(const PlanDocument &plan);

// The Content-Security-Policy that the page itself declares; also fit for the header of an answer that carries it.
std::string html_policy();

} // namespace rsf::render
