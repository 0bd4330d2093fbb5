// SPDX-License-Identifier: Apache-2.0
//
// What run announces of each operation: when it is admitted, when calls for its resources begin and end, and how it ended.
// Metrics, the log and anything else that records operations are observers; main.cpp names them.
#pragma once

#include "drivers/call.hpp"
#include "run/operation.hpp"
#include "targets/target.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rsf::run {

// What an operation is: the same in all its announcements. Its references are valid during the call.
struct Subject {
    const targets::Target &target; // that it is on; of a plan: the one whose driver plans
    drivers::Verb verb;
    bool is_plan;
    std::string_view ns, request_id;
    const Caller &caller;
    std::size_t resources; // 0: a read, or a write or plan that was refused before its body was read
    std::chrono::steady_clock::time_point began{};
    std::string_view id{}; // of an operation that is recorded; else empty
};

// How an operation ended. One of the first four is set, by the kind of the operation and whether it was refused.
struct Outcome {
    const Error *refusal = nullptr;               // nothing was done; for any operation
    std::span<const parse::Resource> resources{}; // of a write: each with its state
    std::span<const PlannedStep> steps{};         // of a plan
    const drivers::Answer *answer = nullptr;      // to a read
    std::size_t dropped = 0;                      // objects that a write's answers lack, for lack of memory
    bool client_gone = false;                     // the client of a plan left, which ends it
};

// Thread-safe: called on any thread, for several operations at once. Must not wait for long: a step waits for it. What it throws
// is dropped, and the operation goes on; but what admitted() throws refuses it.
//
// Steps are announced of the resources that a call is made for, and so not of all: not of one that is the same object as another
// (it gets that one's answer), that is aborted or never begun, or of which a delete knows that nothing can be there. ended() has
// how each resource ended.
class Observer {
  public:
    virtual ~Observer() = default;

    // The target admitted it, and the driver was not called yet. A failure refuses it, and observers after this one are not
    // asked: they are told of its end alone. Not for reads.
    virtual std::optional<drivers::Failure> admitted(const Subject &) { return std::nullopt; }
    // The driver is about to be called for the resource of that index. Also of one that is then refused without a call, since its
    // references made it the same object as another; step_ended() has that refusal.
    virtual void step_begun(const Subject &, std::size_t) {}
    // What the driver says of the call meanwhile (rsf.progress/1): a line without secrets.
    virtual void step_said(const Subject &, std::size_t, std::string_view) {}
    // The driver answered for it, or the call was given up. Failures hold no secrets.
    virtual void step_ended(const Subject &, std::size_t, const drivers::Answer &) {}
    // Exactly once for every operation, also for one that was never admitted or that an observer before this one refused.
    virtual void ended(const Subject &, const Outcome &) {}
};

// All of them, in the order given. Whatever an observer throws, the others are told.
class Observers {
  public:
    explicit Observers(std::vector<std::shared_ptr<Observer>> all = {}) : all_(std::move(all)) {}

    // The first failure refuses it.
    std::optional<drivers::Failure> admitted(const Subject &subject) const;
    void step_begun(const Subject &subject, std::size_t resource) const noexcept;
    void step_said(const Subject &subject, std::size_t resource, std::string_view line) const noexcept;
    void step_ended(const Subject &subject, std::size_t resource, const drivers::Answer &answer) const noexcept;
    void ended(const Subject &subject, const Outcome &outcome) const noexcept;

  private:
    template <class Tell> void tell_all(Tell tell) const noexcept;

    const std::vector<std::shared_ptr<Observer>> all_;
};

} // namespace rsf::run
