// SPDX-License-Identifier: Apache-2.0
//
// A plan: which resource may be worked on next. Pure: no HTTP, YAML, driver or clock. It is handed a configuration and the order
// that a driver asks for, gives out ready work, and is told how each piece ended. Not thread-safe: its owner locks.
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

// Resource first comes before resource then when creating, whatever becomes of first. why is for people, or empty.
struct OrderEdge {
    std::size_t first;
    std::size_t then;
    std::string why;
};

// A resource whose turn it is.
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
    partial, // it is only foreseen: what references find missing may still come
    nothing, // it was not taken, for want of memory
};

// How a resource stands.
struct Verdict {
    enum class Kind { waiting, running, succeeded, failed, aborted } kind = Kind::waiting;
    std::string reason; // for failed and aborted, and for what succeeded since nothing can be there to delete: a sentence
};

class Plan {
  public:
    // Refused: references to unknown names, to a name that two resources share, or that are malformed; cycles, each named in full
    // ("a -> b -> a", with the driver's reason where one of its edges is part of it); an order that names a resource that is not
    // there, or one twice in one edge. All that is wrong is among the causes, up to a hundred of them. configuration must outlive
    // the plan.
    // Dependants first, nothing is refused: what has no order goes without one. objects: whose object each resource is, as
    // deleted_objects says it; empty: as posted. Those that are absent are never given out.
    static Result<Plan> make(const parse::Configuration &configuration, Direction direction,
                             const std::vector<OrderEdge> &order = {}, std::vector<DeletedObject> objects = {});

    Plan(Plan &&) noexcept;
    Plan &operator=(Plan &&) noexcept;
    ~Plan();

    // A resource that is ready, in posted order among those that are; it counts as running from now on. None: nothing is ready
    // now. A resource whose references can't be resolved is never given out: it fails, and its dependants are aborted.
    std::optional<Step> next_ready();

    // Whether anything is ready, running or waiting still.
    bool more_to_do() const;

    // succeeded, failed, abort_waiting and not_begun need no memory. Their resource is one that runs.
    // object: what the resource became, for references to it; it is kept until the last of them is resolved. selflink: the
    // driver's; none: it is not known. Whether the object is kept.
    bool succeeded(std::size_t resource, boost::json::value object, Knowledge knowledge = Knowledge::whole,
                   std::optional<std::string> selflink = {});

    // A step failed: all that refers to it, and on, is aborted. A deletion aborts nothing.
    void failed(std::size_t resource, std::string reason);

    // Nothing further is to be begun: all that waits is aborted for this reason, the first one given. What runs goes on.
    void abort_waiting(std::string reason);

    // After abort_waiting: a step that was given out was not begun either.
    void not_begun(std::size_t resource);

    Verdict verdict(std::size_t resource) const;

    // The resources that this one refers to, each once, whichever way they are walked.
    std::vector<std::size_t> refers_to(std::size_t resource) const;

  private:
    struct Progress;
    explicit Plan(std::unique_ptr<Progress> progress);
    std::unique_ptr<Progress> progress_;
};

} // namespace rsf::graph
