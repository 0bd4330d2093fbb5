// SPDX-License-Identifier: Apache-2.0
#include "crash/history.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdlib>

namespace rsf::test::crash {

namespace json = boost::json;

std::string_view word_of(Verb verb) {
    switch (verb) {
    case Verb::create: return "create";
    case Verb::replace: return "replace";
    case Verb::apply: return "apply";
    case Verb::remove: break;
    }
    return "delete";
}

std::string body_of(const Request &request) {
    json::array resources;
    for (const Wanted &each : request.resources) {
        json::object data{{"marker", each.marker}};
        if (!each.refers_to.empty()) data["about"] = "$(ref." + each.refers_to + ".metadata.uid)";
        resources.push_back(
            {{"name", each.object},
             {"type", "ConfigMap"},
             {"properties",
              {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", each.object}}}, {"data", std::move(data)}}}});
    }
    return json::serialize(json::object{{"resources", std::move(resources)}});
}

std::int64_t now_in_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t ms_of(std::string_view time) {
    using namespace std::chrono;
    if (time.size() < 24) return 0;
    const auto number = [&](std::size_t from, std::size_t size) {
        return std::atoi(std::string(time.substr(from, size)).c_str());
    };
    const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                              day(static_cast<unsigned>(number(8, 2)))};
    const auto at =
        sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2)) + milliseconds(number(20, 3));
    return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

} // namespace rsf::test::crash
