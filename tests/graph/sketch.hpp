// SPDX-License-Identifier: Apache-2.0
//
// Configurations for tests, as short texts.
#pragma once

#include "graph/schedule.hpp"
#include "parse/configuration.hpp"

#include <boost/json/parse.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace rsf::graph::test {

inline constexpr auto create = Direction::dependencies_first;
inline constexpr auto remove_ = Direction::dependants_first;

// Resources by name and properties as JSON, each of type "T".
inline parse::Configuration configuration(const std::vector<std::pair<std::string, std::string>> &resources) {
    parse::Configuration made;
    for (const auto &[name, properties] : resources) {
        const std::size_t index = made.resources.size();
        made.resources.push_back({name, "T", boost::json::parse(properties).as_object(), {}, {}});
        made.resources.back().place = {"", index + 1, 3, "/resources/" + std::to_string(index)};
    }
    return made;
}

// "a, b: a, c: a b": b refers to a's value, c to those of a and b.
inline parse::Configuration sketch(const std::string &text) {
    std::vector<std::pair<std::string, std::string>> resources;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');) {
        std::istringstream words(entry);
        std::string name, referred, properties = "{";
        words >> name;
        if (name.ends_with(':')) name.pop_back();
        while (words >> referred)
            properties += (properties == "{" ? "" : ",") + ("\"" + referred + "\":\"$(ref." + referred + ".value)\"");
        resources.emplace_back(name, properties + "}");
    }
    return configuration(resources);
}

// The object that every resource of a sketch becomes.
inline boost::json::value object() { return {{"value", 1}}; }

// Names of all that is ready now, which then runs: "a b".
inline std::string take_ready(Schedule &schedule, const parse::Configuration &of) {
    std::string names;
    while (const std::optional<Step> step = schedule.next_ready()) {
        if (!names.empty()) names += ' ';
        names += of.resources[step->resource].name;
    }
    return names;
}

inline std::string kind_of(const Schedule &schedule, std::size_t resource) {
    switch (schedule.verdict(resource).kind) {
    case Verdict::Kind::waiting: return "waiting";
    case Verdict::Kind::running: return "running";
    case Verdict::Kind::succeeded: return "succeeded";
    case Verdict::Kind::failed: return "failed";
    case Verdict::Kind::aborted: return "aborted";
    }
    return "?";
}

} // namespace rsf::graph::test
