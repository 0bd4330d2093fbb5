// SPDX-License-Identifier: Apache-2.0
//
// The driver that does what it should not, in a process of its own, and what the tests do with it.
#pragma once

#include "residence.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace rsf::process::test {

using namespace drivers::test;

inline std::filesystem::path driver_file(const std::string &name) {
    return std::filesystem::path(TEST_BINARY_DIR) / "tests" / "drivers" / (name + ".so");
}

inline Result<std::unique_ptr<drivers::Driver>> try_saboteur(const std::string &settings,
                                                             const std::function<void(InstanceOptions &)> &change, Log log,
                                                             std::shared_ptr<drivers::OtherTargets> others = nullptr) {
    InstanceOptions where = instance_options(Isolation::process);
    if (change) change(where);
    const auto kind = describe_apart(where.program)(taken(drivers::DriverFile::open(driver_file("saboteur"))));
    return create_driver(taken(kind), where, boost::json::parse(settings.empty() ? "{}" : settings).as_object(), std::move(log),
                         std::move(others));
}

inline std::unique_ptr<drivers::Driver> saboteur(const std::string &settings = {},
                                                 const std::function<void(InstanceOptions &)> &change = {},
                                                 Log log = silent_log(),
                                                 std::shared_ptr<drivers::OtherTargets> others = nullptr) {
    return taken(try_saboteur(settings, change, std::move(log), std::move(others)));
}

inline std::string refusal(const std::string &settings) {
    const auto made = try_saboteur(settings, {}, silent_log());
    return made ? "it was made" : to_string(made.error());
}

inline drivers::Call call(drivers::Verb verb, std::string type, std::string name = "x") {
    drivers::Call made;
    made.verb = verb;
    made.type = std::move(type);
    made.name = std::move(name);
    made.object = verb == drivers::Verb::create ? "{}" : "";
    made.request_id = "r-1";
    made.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return made;
}

inline drivers::Failure failed(const drivers::Answer &answer) {
    if (answer) FAIL("it succeeded with " + boost::json::serialize(answer->object));
    return answer.error();
}

inline std::string name_in(const drivers::Answer &answer) {
    return answer ? std::string(answer->object.at("name").as_string()) : answer.error().message;
}

// What the driver finds around itself.
inline boost::json::object surroundings(drivers::Driver &driver) {
    const drivers::Answer answer = driver.perform(call(drivers::Verb::get, "surroundings"));
    if (!answer) FAIL(answer.error().message);
    return answer->object.as_object();
}

} // namespace rsf::process::test
