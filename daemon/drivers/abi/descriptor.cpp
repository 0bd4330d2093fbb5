// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/descriptor.hpp"

#include "base/text.hpp"
#include "drivers/abi/driver_values.hpp"
#include "drivers/call.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <resourcifier/driver.h>

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace rsf::drivers {

namespace {

constexpr std::size_t longest_text = 1024;      // bytes of one of its texts
constexpr std::size_t max_schema = 1024 * 1024; // bytes of the settings schema

Result<std::string> copy_line(rsf_text given, const std::string &member) {
    if (!is_sound(given)) return invalid("the driver's descriptor is damaged: '" + member + "' has a size and no data");
    if (given.size > longest_text)
        return invalid("the driver's descriptor has a '" + member + "' of " + std::to_string(given.size) + " bytes; " +
                       std::to_string(longest_text) + " are allowed");
    const std::string_view line = view(given);
    if (printable(line, 4 * longest_text) != line)
        return invalid("the driver's descriptor has a '" + member + "' that is not one line of UTF-8: '" + printable(line) + "'");
    return std::string(line);
}

bool is_driver_name(std::string_view name) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !name.empty() && name.size() <= 63 && lower(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return lower(c) || digit(c) || c == '-'; });
}

Result<boost::json::object> copy_schema(rsf_text given) {
    if (!is_sound(given)) return invalid("the driver's descriptor is damaged: 'settings_schema' has a size and no data");
    if (given.size == 0) return boost::json::object{{"type", "object"}};
    if (given.size > max_schema)
        return invalid("the driver's settings schema is " + std::to_string(given.size) + " bytes long; " +
                       std::to_string(max_schema) + " are allowed");
    constexpr std::size_t deepest = 64; // twice what check_schema lets pass
    boost::system::error_code failed;
    const boost::json::value parsed = json_value(view(given), failed, deepest);
    if (failed) return invalid("the driver's settings schema is not JSON: " + failed.message());
    if (!parsed.is_object()) return invalid("the driver's settings schema is not a JSON object");
    if (auto checked = check_schema(parsed.get_object()); !checked) {
        Error error = checked.error();
        error.message = "the driver's settings schema can't be used: " + error.message;
        return error;
    }
    return parsed.get_object();
}

} // namespace

Result<Descriptor> copy_descriptor(const rsf_descriptor *pointer) {
    if (pointer == nullptr) return invalid("the driver's entry has no descriptor");
    if (!is_possible_size(pointer))
        return invalid("the driver's descriptor says that it is " + std::to_string(pointer->size) +
                       " bytes long, which is impossible");
    const rsf_descriptor given = whole(pointer);
    Descriptor descriptor;
    const std::array<std::pair<const char *, std::pair<rsf_text, std::string *>>, 5> lines{{
        {"name", {given.name, &descriptor.name}},
        {"version", {given.version, &descriptor.version}},
        {"vendor", {given.vendor, &descriptor.vendor}},
        {"url", {given.url, &descriptor.url}},
        {"summary", {given.summary, &descriptor.summary}},
    }};
    for (const auto &[member, line] : lines) {
        auto copied = copy_line(line.first, member);
        if (!copied) return copied.error();
        *line.second = std::move(*copied);
    }
    if (!is_driver_name(descriptor.name))
        return invalid("the driver calls itself '" + descriptor.name +
                       "'; a name is a lower-case letter and at most 62 more of a-z, 0-9 and '-'");
    if (descriptor.version.empty()) return invalid("the driver '" + descriptor.name + "' does not say its version");
    auto schema = copy_schema(given.settings_schema);
    if (!schema) return schema.error();
    descriptor.settings_schema = std::move(*schema);
    descriptor.concurrent = (given.flags & RSF_DRIVER_CONCURRENT) != 0;
    descriptor.checks_revisions = (given.flags & RSF_DRIVER_REVISIONS) != 0;
    descriptor.capabilities = given.capabilities & (RSF_CAN_ALL_V1 | RSF_CAN_APPLY);
    return descriptor;
}

std::vector<std::string> capability_names(std::uint64_t capabilities) {
    std::vector<std::string> names;
    for (const Verb verb : {Verb::list, Verb::get, Verb::create, Verb::replace, Verb::remove, Verb::apply})
        if ((capabilities & std::uint64_t{1} << static_cast<unsigned>(verb)) != 0) names.emplace_back(to_string(verb));
    return names;
}

} // namespace rsf::drivers
