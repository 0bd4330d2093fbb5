// SPDX-License-Identifier: Apache-2.0
//
// Values compared as the readers of two formats mean them.
#pragma once

#include <boost/json/value.hpp>

namespace rsf::fuzz {

// 1 and 1.0 are the same number; whole numbers beyond 2^53 must be of one kind and equal.
inline bool same(const boost::json::value &a, const boost::json::value &b) {
    if (a.is_object() && b.is_object()) {
        if (a.get_object().size() != b.get_object().size()) return false;
        for (const auto &[key, value] : a.get_object()) {
            const auto *other = b.get_object().if_contains(key);
            if (!other || !same(value, *other)) return false;
        }
        return true;
    }
    if (a.is_array() && b.is_array()) {
        if (a.get_array().size() != b.get_array().size()) return false;
        for (std::size_t i = 0; i < a.get_array().size(); ++i)
            if (!same(a.get_array()[i], b.get_array()[i])) return false;
        return true;
    }
    if (a.is_number() && b.is_number() && (a.is_double() || b.is_double())) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

} // namespace rsf::fuzz
