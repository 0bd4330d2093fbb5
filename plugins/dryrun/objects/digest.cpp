// SPDX-License-Identifier: Apache-2.0
#include "digest.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace rsf::dryrun::objects {
namespace {

boost::uuids::uuid digest(std::string_view text) {
    // The name space of version 5 UUIDs can be any constant; this one is the UUID of "resourcifier/dryrun" in the X.500
    // namespace.
    static const boost::uuids::uuid space = boost::uuids::string_generator()("e691c6f0-0f4a-5efd-bc76-67033f992e03");
    return boost::uuids::name_generator_sha1(space)(text.data(), text.size());
}

} // namespace

std::string uuid_of(std::string_view text) { return boost::uuids::to_string(digest(text)); }

std::uint64_t number_of(std::string_view text) {
    const boost::uuids::uuid bytes = digest(text);
    std::uint64_t number = 0;
    // Bytes 6 and 8 hold the UUID's version and variant.
    for (const std::size_t i : {0, 1, 2, 3, 4, 5, 7, 9}) number = number << 8 | bytes.data[i];
    return number;
}

std::string timestamp_of(std::uint64_t revision) {
    using namespace std::chrono;
    const sys_seconds time = sys_days{year{2020} / January / 1} + seconds{revision};
    const sys_days day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 64> text;
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace rsf::dryrun::objects
