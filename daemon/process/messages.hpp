// SPDX-License-Identifier: Apache-2.0
//
// The messages between the daemon and a driver process. There is one control channel between them, and a call channel for each
// call that is under way at the same moment: on it the daemon sends a request, answers what the driver asks during it, and gets
// the answer. Both ends are of one build, so that nothing here is versioned; the daemon trusts nothing that it reads.
#pragma once

#include "drivers/abi/answer_sink.hpp"
#include "drivers/call.hpp"
#include "drivers/instance.hpp"
#include "process/wire.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rsf::process {

enum class Kind : std::uint32_t {
    // control channel, from the daemon
    greeting,  // Greeting; answered with ready or refused
    create,    // Creation; answered with created or refused
    open,      // the number of a call channel, whose socket comes along
    cancel,    // the number of a call channel; the request is that of the frame
    described, // Described
    bye,       // destroy the instance and end
    // control channel, from the driver's process
    ready,    // ReportedDescriptor
    refused,  // Refused
    created,  // ReportedOffered
    describe, // Describing
    // both channels, from the driver's process
    log, // FrameSocket of the log
    // a call channel, from the daemon
    perform,     // Call
    perform_all, // list of Call
    settle,      // Call
    name_kind,   // Call
    order,       // Ordering
    health,      // nothing
    begin_plan,  // Beginning
    step_plan,   // Stepping
    end_plan,    // the plan's number
    asked,       // RawAnswer
    // a call channel, from the driver's process
    ask,      // Asking
    progress, // Progress
    answer,   // to perform, health, settle, name_kind, step_plan: RawAnswer; perform_all: list of RawAnswer; order: Orderings;
              // begin_plan: Begun; end_plan: text
};

struct Greeting {
    std::int64_t parent = 0;  // the daemon's process
    std::string user;         // to become; empty: stay
    std::uint64_t memory = 0; // bytes of data that it may have; 0: no limit
};

struct Creation {
    std::string settings; // JSON
    std::vector<std::string> secrets;
    bool reaches_others = false;
};

struct ReportedDescriptor {
    bool concurrent = false;
    bool checks_revisions = false;
    std::uint64_t capabilities = 0;
    std::string name, version, vendor, url, summary, settings_schema;
    std::uint32_t abi_major = 0, abi_minor = 0;
};

struct Refused {
    std::int32_t code = 0;
    std::string message;
};

struct ReportedOffered {
    std::vector<std::string> names;
    std::uint64_t batch_limit = 1;
    std::string secret; // JSON
};

struct LogLine {
    static constexpr std::uint64_t no_call = ~std::uint64_t{0};
    std::uint64_t call = no_call; // which of the request's
    std::int32_t level = 0;
    std::string message;
};

struct Progress {
    std::uint64_t call = 0; // which of the request's
    std::string line;
};

struct Asking {
    std::uint64_t during = 0; // which of the request's calls
    std::string other;
    drivers::Call call;
};

struct Describing {
    std::uint64_t number = 0;
    std::string other;
};
struct Described {
    std::uint64_t number = 0;
    drivers::RawAnswer raw;
};

struct Ordering {
    std::string ns;
    std::vector<drivers::Orderable> resources;
};

struct Beginning {
    drivers::Verb verb = drivers::Verb::get;
    std::string ns;
    std::vector<drivers::Orderable> resources;
};

struct Stepping {
    std::uint64_t planning = 0;
    std::uint64_t resource = 0;
    drivers::Call call;
    std::string unknown;
};

template <class A> void fields(A &a, Greeting &v) { a(v.parent, v.user, v.memory); }
template <class A> void fields(A &a, Creation &v) { a(v.settings, v.secrets, v.reaches_others); }
template <class A> void fields(A &a, ReportedDescriptor &v) {
    a(v.concurrent, v.checks_revisions, v.capabilities, v.name, v.version, v.vendor, v.url, v.summary, v.settings_schema,
      v.abi_major, v.abi_minor);
}
template <class A> void fields(A &a, Refused &v) { a(v.code, v.message); }
template <class A> void fields(A &a, ReportedOffered &v) { a(v.names, v.batch_limit, v.secret); }
template <class A> void fields(A &a, LogLine &v) { a(v.call, v.level, v.message); }
template <class A> void fields(A &a, Progress &v) { a(v.call, v.line); }
template <class A> void fields(A &a, Asking &v) { a(v.during, v.other, v.call); }
template <class A> void fields(A &a, Describing &v) { a(v.number, v.other); }
template <class A> void fields(A &a, Described &v) { a(v.number, v.raw); }
template <class A> void fields(A &a, Ordering &v) { a(v.ns, v.resources); }
template <class A> void fields(A &a, Beginning &v) { a(v.verb, v.ns, v.resources); }
template <class A> void fields(A &a, Stepping &v) { a(v.planning, v.resource, v.call, v.unknown); }

// For types of drivers/: declared in this namespace, so that argument-dependent lookup finds them.
namespace wire {

// All but the stop token, in whose place cancel is sent, and the daemon's own.
template <class A> void fields(A &a, drivers::Call &v) {
    a(v.verb, v.all_namespaces, v.dry_run, v.type, v.name, v.ns, v.label_selector, v.field_selector, v.object, v.request_id,
      v.operation, v.step, v.expected_revision, v.began_ms, v.deadline);
}
template <class A> void fields(A &a, drivers::Orderable &v) { a(v.name, v.type, v.object); }
template <class A> void fields(A &a, drivers::Before &v) { a(v.first, v.then, v.why); }
template <class A> void fields(A &a, drivers::Orderings &v) { a(v.edges, v.fault); }
template <class A> void fields(A &a, drivers::Begun &v) { a(v.planning, v.raw); }

template <class A> void fields(A &a, drivers::RawAnswer::Result &v) {
    a(v.outcome, wire::Late{v.object, v.dropped}, v.selflink, v.revision, v.warnings);
}
template <class A> void fields(A &a, drivers::RawAnswer::Failure &v) {
    a(v.code, v.message, v.retry, v.retry_after_ms, v.details, v.effect);
}
template <class A> void fields(A &a, drivers::RawAnswer &v) {
    std::uint8_t which = static_cast<std::uint8_t>(v.first.index());
    a(which, v.answers, v.fault, v.broke);
    if constexpr (requires { a.refuse(); }) {
        if (which == 1) v.first.emplace<drivers::RawAnswer::Result>();
        if (which == 2) v.first.emplace<drivers::RawAnswer::Failure>();
        if (which > 2) a.refuse();
    }
    if (auto *result = std::get_if<drivers::RawAnswer::Result>(&v.first)) a(*result);
    if (auto *failure = std::get_if<drivers::RawAnswer::Failure>(&v.first)) a(*failure);
}

} // namespace wire

} // namespace rsf::process
