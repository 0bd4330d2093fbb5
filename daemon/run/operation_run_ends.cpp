// SPDX-License-Identifier: Apache-2.0
//
// How the calls of an operation end, and how its schedule and the observers learn of it.
#include "run/operation_run.hpp"

#include "base/text.hpp"
#include "run/settlement.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace rsf::run {

namespace {

// For all that one job left in doubt, so that a client does not wait much longer than it would have for the answers.
constexpr std::chrono::seconds time_to_find_out{10};

// Without memory for it, they say that their effect is not known, and not why.
void say_why_not_found_out(std::vector<drivers::Answer> &answers, const drivers::Failure &why) try {
    for (drivers::Answer &answer : answers) {
        drivers::Failure failure = answer.error();
        if (failure.effect != drivers::Failure::Effect::unknown) continue;
        add_sentence(failure, "It could not be looked for: ", why.message);
        answer = std::move(failure);
    }
} catch (const std::bad_alloc &) {
}

} // namespace

// answer: a failure is that of all; then their own answers are not read, since a driver that was given up may still write them.
void OperationRun::ended(Batch &batch, drivers::Answer answer, bool begun) {
    const std::shared_ptr<Batch> doubtful = answer && begun ? take_doubtful(batch) : nullptr;
    if (doubtful) {
        const shared::Lock lock(mutex_);
        ++in_flight_;
    }
    noted(batch, std::move(answer), begun);
    if (doubtful) find_out(doubtful);
}

// Those of a write's calls that failed and may have happened all the same, taken out of batch. Null: none, or no memory for them:
// then their failures stand, which say that the effect is not known.
std::shared_ptr<OperationRun::Batch> OperationRun::take_doubtful(Batch &batch) const try {
    if (is_plan()) return nullptr;
    std::vector<bool> is_doubtful(batch.answers.size());
    bool any = false;
    for (std::size_t i = 0; i < batch.answers.size(); ++i)
        any |= is_doubtful[i] = !batch.answers[i] && may_have_happened(batch.answers[i].error());
    if (!any) return nullptr;
    auto doubtful = std::make_shared<Batch>(), rest = std::make_shared<Batch>();
    for (Batch *part : {doubtful.get(), rest.get()}) {
        part->resources.reserve(batch.answers.size());
        part->calls.reserve(batch.answers.size());
        part->answers.reserve(batch.answers.size());
    }
    for (std::size_t i = 0; i < batch.answers.size(); ++i) { // allocates nothing
        Batch &part = is_doubtful[i] ? *doubtful : *rest;
        part.resources.push_back(batch.resources[i]);
        part.calls.push_back(std::move(batch.calls[i]));
        part.answers.push_back(std::move(batch.answers[i]));
    }
    batch.resources = std::move(rest->resources);
    batch.calls = std::move(rest->calls);
    batch.answers = std::move(rest->answers);
    return doubtful;
} catch (const std::bad_alloc &) {
    return nullptr;
}

// What became of them is looked for in a job of its own, which has time of its own. It is not cancelled with the operation.
void OperationRun::find_out(const std::shared_ptr<Batch> &doubtful) {
    try {
        const auto found = std::make_shared<std::vector<drivers::Answer>>();
        targets::Job job;
        job.what = "what became of the " + std::string(to_string(operation_.verb)) + " of '" +
                   printable(doubtful->calls.front().name, 100) + "'";
        job.request_id = operation_.request_id;
        job.work = [self = shared_from_this(), doubtful, found](auto deadline, std::stop_token stop) -> drivers::Answer {
            deadline = std::min(deadline, std::chrono::steady_clock::now() + time_to_find_out);
            for (std::size_t i = 0; i < doubtful->calls.size(); ++i) {
                drivers::Call call = doubtful->calls[i];
                call.deadline = deadline;
                call.stop = stop;
                found->push_back(self->find_out(doubtful->resources[i], call, doubtful->answers[i].error()));
            }
            return drivers::Success{};
        };
        job.done = [self = shared_from_this(), doubtful, found](const drivers::Answer &answer, bool) {
            if (answer)
                doubtful->answers = std::move(*found);
            else
                say_why_not_found_out(doubtful->answers, answer.error());
            self->noted(*doubtful, drivers::Success{}, true);
        };
        context_.pool.submit(std::move(job));
    } catch (const std::exception &) {
        noted(*doubtful, drivers::Success{}, true);
    }
}

// Allocates nothing, or survives a lack of memory: if an end were not noted, the operation would never end.
void OperationRun::noted(Batch &batch, drivers::Answer answer, bool begun) {
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

// Nothing once the operation has ended: its secrets are not known any more.
void OperationRun::tell_progress(std::size_t resource, std::string_view line) noexcept {
    try {
        std::string said(line);
        {
            const shared::Lock lock(mutex_);
            if (finished_) return;
            secrets_.hide(said, operation_.configuration);
        }
        observers_->step_said(subject(), resource, said);
    } catch (const std::bad_alloc &) { // a line less
    }
}

} // namespace rsf::run
