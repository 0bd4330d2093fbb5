// SPDX-License-Identifier: Apache-2.0
//
// A schedule: which resource may be worked on next. Pure: no HTTP, YAML, driver or clock. It takes a configuration and the order
// that a driver asks for, hands out ready steps, and is told how each one ended. Not thread-safe: its owner locks.
#pragma once

#include "base/error.hpp"
#include "graph/deleted_objects.hpp"
#include "parse/configuration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rsf::graph {

// Which way dependencies are walked: created things after what they refer to, deleted things before.
enum class Direction { dependencies_first, dependants_first };

// When creating, resource first comes before resource then, whether or not first succeeds. why is for people, or empty.
struct OrderEdge {
    std::size_t first;
    std::size_t then;
    std::string why;
};

// A resource that is ready.
struct Step {
    std::size_t resource; // its index in the configuration
    // Its properties with references resolved; when deleting, only those that tell whose object it is. None: as they were posted.
    std::optional<boost::json::object> resolved;
    // JSON Pointers of values in resolved that can't be known yet: "(known after NAME)" stands in their place.
    std::vector<std::string> unknown;
};

// How much is known of the object that a resource became.
enum class Knowledge {
    whole,
    partial, // it is only predicted: values that references do not find may still appear
    nothing, // it was not kept, for lack of memory
};

// The state of a resource.
struct Verdict {
    enum class Kind { waiting, running, succeeded, failed, aborted } kind = Kind::waiting;
    std::string reason; // for failed and aborted, and for what succeeded since nothing can be there to delete: a sentence
    std::optional<std::size_t> root{}; // aborted: the resource whose failure all this began with; none: all was stopped
};

class Schedule {
  public:
    // Refused: references to unknown names, to a name that two resources share, or that are malformed; cycles, each named in full
    // ("a -> b -> a", with the driver's reason where one of its edges is part of it); an order that names a resource that is not
    // there, or one twice in one edge. All that is wrong is among the causes, up to a hundred of them. configuration must outlive
    // the schedule. With dependants first nothing is refused: resources without an order are deleted in any order. objects: the
    // object of each resource, as deleted_objects returns them; empty: as posted. Absent ones are never handed out.
    static Result<Schedule> make(const parse::Configuration &configuration, Direction direction,
                                 const std::vector<OrderEdge> &order = {}, std::vector<DeletedObject> objects = {});

    Schedule(Schedule &&) noexcept;
    Schedule &operator=(Schedule &&) noexcept;
    ~Schedule();

    // A resource that is ready, in posted order among those that are; it counts as running from now on. None: nothing is ready
    // now. A resource whose references can't be resolved is never given out: it fails, and its dependants are aborted.
    std::optional<Step> next_ready();

    // Whether anything is ready, running or waiting still.
    bool more_to_do() const;

    // succeeded, failed, abort_waiting and not_begun allocate nothing. Their resource is a running one. object: what the resource
    // became, for references to it; it is kept until the last of them is resolved. selflink: the driver's; none: it is not known.
    // Whether the object is kept.
    bool succeeded(std::size_t resource, boost::json::value object, Knowledge knowledge = Knowledge::whole,
                   std::optional<std::string> selflink = {});

    // A step failed: all resources that refer to it, directly or indirectly, are aborted. A deletion aborts nothing.
    void failed(std::size_t resource, std::string reason);

    // Nothing more is begun: all waiting resources are aborted for this reason; the first reason given counts. Running ones go
    // on.
    void abort_waiting(std::string reason);

    // After abort_waiting: a step that was given out was not begun either.
    void not_begun(std::size_t resource);

    Verdict verdict(std::size_t resource) const;

    // The resources that this one refers to, each once, whichever way they are walked.
    std::vector<std::size_t> refers_to(std::size_t resource) const;

  private:
    struct Progress;
    explicit Schedule(std::unique_ptr<Progress> progress);
    std::unique_ptr<Progress> progress_;
};

} // namespace rsf::graph
