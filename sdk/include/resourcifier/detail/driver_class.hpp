// SPDX-License-Identifier: Apache-2.0
//
// driver_class.hpp: the class that a driver derives from, and what its functions take and return. Part of driver.hpp. C++17.
// Threads: the functions of a Driver are called one at a time, unless its description says concurrent; health() at any time.
#ifndef RESOURCIFIER_DETAIL_DRIVER_CLASS_HPP
#define RESOURCIFIER_DETAIL_DRIVER_CLASS_HPP

#include "values.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rsf {

struct Description {
    std::string_view name;
    std::string_view version;
    std::string_view vendor;
    std::string_view url;
    std::string_view summary;
    std::string_view settings_schema;
    bool concurrent = false;      // verbs may run on several threads at once
    bool dry_run = false;         // offers rsf.dry_run/1: see its promise in extensions.h
    std::string_view secret = {}; // JSON as in rsf_secret: offers rsf.secret/1
    std::uint32_t max_batch = 0;  // for batch(): the most calls that it wants at once; 0: no limit
    bool revisions = false;       // its writes obey Call::expected_revision(); without it none is called with one
};

// How one call of a batch ended.
using BatchAnswer = std::variant<Result, Error>;

// A resource as posted, for order().
struct Resource {
    std::string_view name;
    std::string_view type;
    std::string_view object_text;
};

struct Before {
    std::size_t first;
    std::size_t then;
    std::string_view why; // a literal, or else outliving the call
};

// Whether a write was done whose answer was lost, for settle().
struct Settlement {
    static Settlement done(json::value object = nullptr, std::string revision = {}, Outcome outcome = Outcome::done) {
        return {"done", {}, std::move(object), std::move(revision), outcome, {}, {}};
    }
    // revision: of the object that is there, so that nothing that comes later is written over; empty: none is, or it is not
    // known.
    static Settlement not_done(std::string revision = {}) {
        return {"not-done", {}, nullptr, std::move(revision), Outcome::done, {}, {}};
    }
    static Settlement unknown(std::string reason) { return {"unknown", std::move(reason), nullptr, {}, Outcome::done, {}, {}}; }

    std::string_view settled = "unknown"; // a literal: as in extensions.h
    std::string reason{};                 // a sentence, when it is not known
    json::value object{};                 // as the write left it; null: it is not shown
    std::string revision{};
    Outcome outcome = Outcome::done;     // of an apply that was done
    std::vector<std::string> warnings{}; // sentences for the client
    std::string selflink{};
};

// The one name of a type, for kind().
struct TypeName {
    std::string group;
    std::string kind;
    bool namespaced = true;
    std::optional<bool> is_there{}; // whether the cluster has it; none: that is not known now
};

// What a plan is for. The resources live as long as the plan.
struct PlanRequest {
    std::uint32_t verb; // RSF_CREATE, RSF_REPLACE, RSF_APPLY or RSF_DELETE
    std::string_view ns;
    std::vector<Resource> resources;
};

// A plan that is being made (rsf.plan/1). Its steps may run on several threads at once if the driver is concurrent.
class Planning {
  public:
    Planning() = default;
    Planning(const Planning &) = delete;
    Planning &operator=(const Planning &) = delete;
    virtual ~Planning() = default;

    // The step that rsf_plan describes. unknown: pointers into call.object() at which a value is not known yet.
    virtual json::object step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) = 0;
};

class Driver {
  public:
    Driver() = default;
    Driver(const Driver &) = delete;
    Driver &operator=(const Driver &) = delete;
    virtual ~Driver() = default;

    virtual Result list(const Call &) { throw not_supported("list"); }
    virtual Result get(const Call &) { throw not_supported("get"); }
    virtual Result create(const Call &) { throw not_supported("create"); }
    virtual Result replace(const Call &) { throw not_supported("replace"); }
    virtual Result remove(const Call &) { throw not_supported("delete"); }
    // Its outcome says whether it created, changed or found all as wanted.
    virtual Result apply(const Call &) { throw not_supported("apply"); }

    // Overriding it offers rsf.order/1. ns: the namespace that the client asked for, or empty. What it throws costs the order,
    // not the resources.
    virtual std::vector<Before> order(std::string_view /*ns*/, const std::vector<Resource> &) { return {}; }

    // Overriding it offers rsf.batch/1: many calls of one verb as one, of which none depends on another. An answer for each, in
    // their order. What it throws fails them all. Where takes_batches() says no, which is asked once the driver is made, it is
    // not offered.
    virtual std::vector<BatchAnswer> batch(const std::vector<Call> &) { throw not_supported("batches"); }
    virtual bool takes_batches() const { return true; }

    // Overriding it offers rsf.health/1: {"ok": true}, or {"ok": false, "reason": "a sentence"}, and whatever else people may
    // want to know. From any thread, also during other calls; answers at once. What it throws counts as not ok.
    virtual json::object health() const { return {{"ok", true}}; }

    // Overriding it offers rsf.settle/1 and makes this a driver of ABI 1.1: whether this write, which is not to be made now, was
    // done before, by its operation() and step(). Throws where the cluster can't be asked: unavailable where it may be later.
    virtual Settlement settle(const Call &) { throw not_supported("settling"); }

    // Overriding it offers rsf.kind/1 and makes this a driver of ABI 1.1: the one name of the type that the call, which is not to
    // be made, is about. Quick: the deadline is short. Throws not_found for a type that is not there and has no name either.
    virtual TypeName kind(const Call &) { throw not_supported("names of types"); }

    // Overriding it offers rsf.plan/1, where makes_plans() says so too, which is asked once the driver is made.
    virtual std::unique_ptr<Planning> plan(const PlanRequest &) { throw not_supported("plans"); }
    virtual bool makes_plans() const { return true; }

    // For abilities that this header has no words for: the table for id, constant for as long as the driver lives,
    // or nullptr.
    virtual const void *extension(std::string_view /*id*/) { return nullptr; }

  private:
    static Error not_supported(const char *verb) {
        return {Code::unsupported, std::string("This driver does not support ") + verb + ".", Retry::never};
    }
};

} // namespace rsf

#endif
