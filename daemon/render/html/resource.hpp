// SPDX-License-Identifier: Apache-2.0
//
// One resource's part of the page. Pure.
#pragma once

#include "render/plan_document.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rsf::render {

// By name within the configuration; the element that stands for number 7 is #r-7.
using ResourceNumbers = std::unordered_map<std::string_view, std::size_t>;

// Refers to plan's names. Of those that have the same name, the first counts.
ResourceNumbers numbers_of(const PlanDocument &plan);

std::string html_resource(const PlannedResource &resource, std::size_t number, const ResourceNumbers &numbers);

// "+ create", as a small label
std::string html_badge(Action action);

} // namespace rsf::render
