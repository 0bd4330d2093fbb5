// SPDX-License-Identifier: Apache-2.0
#include "run/executor.hpp"

#include "run/object_title.hpp"
#include "run/report.hpp"
#include "run/settlement.hpp"
#include "shared/failpoint.hpp"

#include <resourcifier/json_text.hpp>

#include <new>
#include <utility>

namespace rsf::run {

Executor::Executor(Terms terms, Operation operation, std::function<void(Report)> done)
    : OperationRun(std::move(terms), std::move(operation)), done_(std::move(done)), states_(size()),
      settled_(this->operation().resumption ? size() : 0) {}

std::vector<drivers::Answer> Executor::perform(const Batch &batch) {
    std::vector<drivers::Answer> answers;
    if (!operation().resumption) {
        RSF_FAILPOINT("run.perform.before");
        answers = context().driver.perform_all(batch.calls);
        RSF_FAILPOINT("run.perform.after");
        return answers;
    }
    answers.reserve(batch.calls.size());
    for (std::size_t i = 0; i < batch.calls.size(); ++i) answers.push_back(go_on(batch.resources[i], batch.calls[i]));
    return answers;
}

// After a restart: what was done is not done again, and what nobody knows of is looked for first.
drivers::Answer Executor::go_on(std::size_t resource, const drivers::Call &call) {
    constexpr int most_turns = 8; // of a write whose object changes between the look and the write
    const Resumption &resumption = *operation().resumption;
    if (const auto &outcome = resumption.outcomes[resource]) return answer_of(resource, call, *outcome);
    for (int turn = 1;; ++turn) {
        RSF_FAILPOINT("run.settle.before");
        Settled settled = settle(context().driver, operation().configuration.resources[resource], call);
        RSF_FAILPOINT("run.settle.after");
        if (settled.how == drivers::Settlement::How::done) return std::move(settled.live);
        if (settled.how == drivers::Settlement::How::unknown)
            return nobody_knows(
                internal("The daemon ended while this was under way, and what became of it is not known: " + settled.why));
        if (resumption.how != Resumption::How::resume) break;
        RSF_FAILPOINT("run.settle.repeats");
        drivers::Answer answer = context().driver.perform(bound(call, std::move(settled.revision)));
        if (answer || answer.error().code != Code::conflict || !is_bound(call) || turn == most_turns) return answer;
    }
    const std::string why = resumption.how == Resumption::How::cancel
                                ? "The operation was cancelled before this was done."
                                : "The daemon ended before this was done, and its setting after_restart is stop.";
    return end_as(resource, {parse::Status::aborted, {why}, {}}, drivers::permanent(error_of(Code::cancelled, why)));
}

// Whether the write is done only if its object is as it was seen: what another client made or changed since the look is neither
// deleted nor written over.
bool Executor::is_bound(const drivers::Call &call) const {
    const bool binds = call.verb == drivers::Verb::remove || call.verb == drivers::Verb::replace;
    return binds && context().driver.descriptor().checks_revisions;
}

drivers::Call Executor::bound(drivers::Call call, std::string revision) const {
    if (is_bound(call)) call.expected_revision = std::move(revision);
    return call;
}

// Of a call whose answer was lost while the daemon lived.
drivers::Answer Executor::find_out(std::size_t resource, const drivers::Call &call, drivers::Failure failure) {
    Settled settled = settle(context().driver, operation().configuration.resources[resource], call);
    switch (settled.how) {
    case drivers::Settlement::How::done: return std::move(settled.live);
    case drivers::Settlement::How::not_done:
        failure.effect = drivers::Failure::Effect::known;
        add_sentence(failure, "It was looked for afterwards, and had not happened.");
        return failure;
    case drivers::Settlement::How::unknown: break;
    }
    add_sentence(failure, "It was looked for afterwards: ", settled.why);
    return nobody_knows(std::move(failure));
}

drivers::Failure Executor::nobody_knows(drivers::Failure failure) {
    failure.effect = drivers::Failure::Effect::unknown;
    failure.retry = drivers::Failure::Retry::never;
    return failure;
}

// Of a resource that had ended. What became of it is read again if another one refers to it.
drivers::Answer Executor::answer_of(std::size_t resource, const drivers::Call &call, const parse::State &outcome) {
    if (!went_well(outcome.status)) {
        const Code code = code_of(outcome.failure ? outcome.failure->code : "").value_or(Code::internal);
        std::string why = outcome.errors.empty() ? "it failed" : outcome.errors.front();
        return end_as(resource, outcome, drivers::permanent(error_of(code, std::move(why))));
    }
    drivers::Success success{nullptr, 0, outcome.selflink};
    if (call.verb != drivers::Verb::remove && is_referred_to(resource)) {
        const boost::json::value posted = json_value(call.object);
        auto live = read_patiently(context().driver, operation().configuration.resources[resource], call, posted.as_object());
        if (live) success.object = std::move(live->object);
    }
    return end_as(resource, outcome, std::move(success));
}

drivers::Answer Executor::end_as(std::size_t resource, parse::State state, drivers::Answer answer) {
    const shared::Lock lock(mutex_);
    settled_[resource] = std::move(state);
    return answer;
}

void Executor::note(graph::Schedule &schedule, std::size_t resource, drivers::Answer answer) {
    const bool is_settled = !settled_.empty() && settled_[resource];
    states_[resource] = is_settled ? std::move(*settled_[resource]) : state_of(operation().verb, answer);
    if (!answer) return schedule.failed(resource, std::move(answer.error().message));
    learn_secrets(resource, answer->object);
    if (answer->dropped) ++dropped_;
    const bool is_kept =
        schedule.succeeded(resource, std::move(answer->object),
                           answer->dropped ? graph::Knowledge::nothing : graph::Knowledge::whole, std::move(answer->selflink));
    if (!is_kept && operation().memory) operation().memory->give_back(answer->counted);
}

void Executor::finish(graph::Schedule schedule) {
    RSF_FAILPOINT("run.finish.before");
    std::vector<parse::Resource> &resources = operation().configuration.resources;
    for (std::size_t i = 0; i < resources.size(); ++i) resources[i].state = final_state(schedule, i);
    observers().ended(subject(), {.resources = resources, .dropped = dropped_});
    try {
        name_objects(resources, operation().ns);
    } catch (const std::bad_alloc &) { // a sentence without the object's name is better than none
    }
    context().pool.leave();
    done_(std::move(operation().configuration));
}

void Executor::refuse(drivers::Failure refusal) { done_(std::move(refusal)); }

// Of one that was not begun here: before a restart it was not begun either if what it refers to was not done.
bool Executor::may_have_been_done(std::size_t resource, const graph::Verdict &verdict) {
    const auto &resumption = operation().resumption;
    if (!resumption || resumption->outcomes[resource]) return false;
    const bool is_root_known = verdict.root && states_[*verdict.root] && states_[*verdict.root]->status != parse::Status::unknown;
    return !is_root_known;
}

parse::State Executor::final_state(const graph::Schedule &schedule, std::size_t resource) {
    if (states_[resource]) return std::move(*states_[resource]);
    try {
        graph::Verdict verdict = schedule.verdict(resource);
        if (verdict.kind == graph::Verdict::Kind::succeeded) return {parse::Status::deleted, {}, {}}; // it can't exist
        if (may_have_been_done(resource, verdict))
            return {parse::Status::unknown,
                    {"The daemon ended while the operation was under way, and whether this was done before was not found out: " +
                     verdict.reason},
                    {}};
        return {verdict.kind == graph::Verdict::Kind::aborted ? parse::Status::aborted : parse::Status::failed,
                {std::move(verdict.reason)},
                {}};
    } catch (const std::bad_alloc &) {
        return {parse::Status::failed, {}, {}};
    }
}

} // namespace rsf::run
