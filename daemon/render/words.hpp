// SPDX-License-Identifier: Apache-2.0
//
// Wording that the formats for people share. Pure; where not said otherwise, a text that is returned is one line of well-formed
// UTF-8, but not escaped for any markup.
#pragma once

#include "render/plan_document.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::render {

inline constexpr Action every_action[] = {Action::failed, Action::remove, Action::update, Action::create, Action::unchanged};

// '!', '-', '~', '+', '='
char sign_of(Action action);

// "3 to create, 1 to update", most dangerous first; empty when nothing changes.
std::string changes_in_words(const PlanSummary &summary);

// "1 resource", "2 resources"
std::string counted(std::size_t count, std::string_view noun);

// Of the object, or, where that does not say, of the resource.
std::string kind_of(const PlannedResource &resource);
std::string namespace_of(const PlannedResource &resource); // empty: none
std::string name_of(const PlannedResource &resource);
std::string full_name_of(const PlannedResource &resource); // namespace/name

// "Secret shop/keys" of an object's identity
std::string object_in_words(const boost::json::object &object);

// A string as it is, newlines and all, unless it could be taken for something else; other values as JSON.
std::string value_text(const boost::json::value &value);
// That in one line.
std::string value_in_words(const boost::json::value &value, std::size_t limit);

// The resources by how much they need a reviewer: failed, delete, update, create; unchanged ones are left out.
std::vector<const PlannedResource *> by_urgency(const PlanDocument &plan);

} // namespace rsf::render
