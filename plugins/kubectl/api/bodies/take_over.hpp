// SPDX-License-Identifier: Apache-2.0
//
// Applying to an object that this driver has created or replaced before: the fields that it owns by updates become fields that it
// owns by applies. Otherwise they would conflict with its own apply, and fields that the next apply leaves out would stay. As
// kubectl's csaupgrade does it (k8s.io/client-go/util/csaupgrade). Pure; thread-safe.
#pragma once

#include "kubectl/api/bodies/managed_fields.hpp"

#include <resourcifier/driver.hpp>

#include <optional>
#include <string_view>

namespace rsf::kubectl::api {

// live's managedFields with the updates of own in the entry of who applies: own's first. None: there are no such updates.
std::optional<json::array> taken_over(const json::object &live, const Managers &own);

// A JSON patch (RFC 6902) that gives live these managedFields, if it is still what it was.
json::array patch_of_managers(const json::object &live, json::array managers);

// The same as taken_over for an object that others change all the time: a JSON patch of own's entries alone, which holds while
// they are what they were, whatever the version. Empty: there are no updates of own.
json::array patch_of_own(const json::object &live, const Managers &own);

// The fields of applied (the result of an apply to live) that would be removed if the apply came after taken_over. A dry run
// can't take fields over before it applies.
json::object given_up(const json::object &live, const json::object &applied, const Managers &own);

// What an apply of object makes of live once own has given up what object does not have: for a cluster that refuses to apply it
// while own's updates still hold their fields. Fit to replace live with.
json::object applied_alone(const json::object &live, json::object object, const Managers &own);

// object, ready to replace live: with what live has that a replace keeps, and for the version that was looked at.
json::object replacing(const json::object &live, json::object object, const Managers &own);

// Whether an apply failed because of updates by own alone. message: the cluster's error text.
bool conflicts_with_own_only(std::string_view message, const Managers &own);

} // namespace rsf::kubectl::api
