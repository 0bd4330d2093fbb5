// SPDX-License-Identifier: Apache-2.0
//
// How the calls of an operation end, and how its schedule and the observers learn of it.
#include "run/operation_run.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace rsf::run {

// Allocates nothing, or survives a lack of memory: if an end were not noted, the operation would never end. answer: a failure is
// that of all; then their own answers are not read, since a driver that was given up may still write them.
void OperationRun::ended(Batch &batch, drivers::Answer answer, bool begun) {
    if (begun) announce_end(batch, answer);
    {
        const shared::Lock lock(mutex_);
        --in_flight_;
        begun_ = begun_ || begun;
        if (answer) {
            for (std::size_t i = 0; i < batch.resources.size(); ++i) {
                keep_for_same(batch.resources[i], batch.answers[i]);
                note(*schedule_, batch.resources[i], std::move(batch.answers[i]));
            }
        } else if (begun) {
            for (const std::size_t resource : batch.resources) note_failure(resource, answer.error());
        } else {
            note_unbegun(std::move(answer).error());
            for (const std::size_t resource : batch.resources) schedule_->not_begun(resource);
        }
    }
    pull();
}

// Takes secrets out of failures and warnings first.
void OperationRun::announce_end(Batch &batch, drivers::Answer &answer) {
    {
        const shared::Lock lock(mutex_);
        if (!answer)
            answer = shown(std::move(answer).error());
        else
            for (drivers::Answer &each : batch.answers)
                if (!each)
                    each = shown(std::move(each).error());
                else
                    for (std::string &warning : each->warnings) secrets_.hide(warning, operation_.configuration);
    }
    for (std::size_t i = 0; i < batch.resources.size(); ++i)
        observers_->step_ended(subject(), batch.resources[i], answer ? batch.answers[i] : answer);
}

drivers::Failure OperationRun::shown(drivers::Failure failure) {
    secrets_.hide(failure, operation_.configuration);
    return failure;
}

void OperationRun::learn_secrets(std::size_t resource, const boost::json::value &object) {
    secrets_.learn_answer(object, operation_.configuration.resources[resource].type);
}

void OperationRun::note_unbegun(drivers::Failure why) {
    try {
        if (!begun_) unbegun_ = why;
    } catch (const std::bad_alloc &) { // then its resources say so, one by one
    }
    schedule_->abort_waiting(std::move(why.message));
}

void OperationRun::note_failure(std::size_t resource, const drivers::Failure &failure) try {
    keep_for_same(resource, failure);
    note(*schedule_, resource, drivers::Failure(failure));
} catch (const std::bad_alloc &) {
    schedule_->failed(resource, "out of memory");
}

// answer: of a resource that may stand for others.
void OperationRun::keep_for_same(std::size_t resource, const drivers::Answer &answer) try {
    if (!same_.empty() && std::ranges::count(same_, same_[resource]) > 1)
        answers_.try_emplace(same_[resource], Kept{resource, answer});
} catch (const std::bad_alloc &) { // then each is asked for by itself
}

// Whether the resource, which was given out, is an object that was answered for already: then that is its answer.
bool OperationRun::is_answered(std::size_t resource) {
    if (same_.empty()) return false;
    const auto kept = answers_.find(same_[resource]);
    if (kept == answers_.end()) return false;
    try {
        note_same(*schedule_, resource, kept->second.resource, drivers::Answer(kept->second.answer));
    } catch (const std::bad_alloc &) {
        schedule_->failed(resource, "out of memory"); // short enough to need none
    }
    return true;
}

} // namespace rsf::run
