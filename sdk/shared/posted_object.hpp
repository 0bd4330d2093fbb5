// SPDX-License-Identifier: Apache-2.0
//
// Whether an object of a cluster is as it was posted. Pure; thread-safe.
#pragma once

#include <boost/json/value.hpp>

#include <algorithm>

namespace rsf::shared {

// Whether all that was posted is in the live object: members that a cluster fills in do not count.
inline bool is_as_posted(const boost::json::value &posted, const boost::json::value &live) {
    if (posted.is_object()) {
        if (!live.is_object()) return posted.get_object().empty() && live.is_null();
        return std::all_of(posted.get_object().begin(), posted.get_object().end(), [&](const auto &member) {
            const boost::json::value *found = live.get_object().if_contains(member.key());
            // A cluster drops members that are null, and lists and mappings without anything in them.
            const bool is_nothing = member.value().is_null() ||
                                    (member.value().is_object() && member.value().get_object().empty()) ||
                                    (member.value().is_array() && member.value().get_array().empty());
            return found ? is_as_posted(member.value(), *found) : is_nothing;
        });
    }
    if (posted.is_array()) {
        if (!live.is_array()) return false;
        return std::equal(posted.get_array().begin(), posted.get_array().end(), live.get_array().begin(), live.get_array().end(),
                          is_as_posted);
    }
    if (posted.is_number() && live.is_number()) return posted.to_number<double>() == live.to_number<double>();
    return posted == live;
}

} // namespace rsf::shared
