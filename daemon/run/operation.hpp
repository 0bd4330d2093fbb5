// SPDX-License-Identifier: Apache-2.0
//
// An operation and its results. Plain values.
#pragma once

#include "base/budget.hpp"
#include "base/caller.hpp"
#include "base/error.hpp"
#include "drivers/call.hpp"
#include "parse/configuration.hpp"
#include "run/operation_fwd.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::run {

// How an operation goes on that had not ended when the daemon last did.
struct Resumption {
    enum class How {
        resume, // what was not done is done now
        stop,   // nothing more is done, by the settings
        cancel  // nor here, since somebody asked for its end
    } how = How::resume;
    std::chrono::system_clock::time_point began; // the operation; nothing of it was done before
    // Of each resource, how it ended; none: nobody knows what became of it.
    std::vector<std::optional<parse::State>> outcomes;
};

struct Operation {
    drivers::Verb verb = drivers::Verb::create; // create, replace, apply or remove
    parse::Configuration configuration;
    std::string ns; // the namespace that the client asked for, or empty
    std::string request_id;
    std::shared_ptr<Share> memory{}; // what its answers are counted against; null: they are not counted
    Caller caller{};
    std::string id{};                              // of one that is recorded; else empty
    std::chrono::system_clock::time_point began{}; // nothing of it was done before; the epoch: not known
    // Of each resource whether this daemon wrote its object so shortly before that a cluster's times may not tell the two apart.
    // Empty: none.
    std::vector<bool> just_written{};
    std::shared_ptr<const Resumption> resumption{}; // null: it is new
    bool has_entered = false;                       // its target's pool, when it was accepted; it leaves it when it ends
    std::stop_token cancel{};                       // of a write: nothing new is begun, and what runs is asked to stop
};

// What a plan says of one resource.
struct PlannedStep {
    std::optional<boost::json::object> step; // as rsf.plan/1 describes it, without its "object"
    std::string reason;                      // if there is no step: why
    std::vector<std::size_t> refers_to;      // other resources, by index
};

struct PlanOutcome {
    parse::Configuration configuration; // as posted
    std::vector<PlannedStep> steps;     // one for each resource
};

} // namespace rsf::run
