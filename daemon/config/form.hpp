// SPDX-License-Identifier: Apache-2.0
//
// What the value of a setting may be: its type, default and bounds. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace rsf::config {

struct Form {
    enum class Type {
        flag,
        count,     // a whole number from least to most
        size,      // bytes, as in 8MiB
        time,      // as in 30s
        word,      // one of words
        text,      // not empty
        texts,     // a list of texts that are not empty, or match pattern
        addresses, // addresses to listen on: a list of texts and mappings
        group,     // a mapping of the settings below this one
        open,      // a mapping whose keys the table does not know
    };
    Type type = Type::text;
    bool required = false;
    std::string_view standard{}; // the default as it is written, a list or mapping as JSON; empty: none
    std::string_view example{};  // a value for documents where there is no default
    std::uint64_t least = 0, most = 0;
    bool may_be_zero = false; // a time
    std::span<const std::string_view> words{};
    std::string_view pattern{}; // of driver.h's schemas
    bool is_secret = false;     // never shown, by mistakes neither
};

// The default, or null.
boost::json::value default_of(const Form &form);

// The JSON Schema of the value, described by text. A group has no properties yet.
boost::json::object schema_of(const Form &form, std::string_view text);

} // namespace rsf::config
