// SPDX-License-Identifier: Apache-2.0
//
// How operations go on that had not ended when the daemon last did.
#include "operations/entry.hpp"
#include "operations/record.hpp"
#include "targets/target_set.hpp"

#include <algorithm>
#include <utility>

namespace rsf::operations {

namespace {

// Above all numbers that the daemon before this one gave, so that a listener who knows those gets what it lacks: fewer than a
// million changes come in a millisecond.
std::uint64_t first_number(const store::Operation &record) {
    const auto age = store::now() - record.created;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 1)) << 20U;
}

} // namespace

Result<void> Operations::resume(const targets::TargetSet &targets, run::Resumption::How how) {
    auto unfinished = store_->unfinished();
    if (!unfinished) return unfinished.error();
    for (store::Operation &record : *unfinished) resume(std::move(record), targets, how);
    return {};
}

void Operations::resume(store::Operation record, const targets::TargetSet &targets, run::Resumption::How how) {
    const auto target = targets.by_name.find(record.target);
    if (target == targets.by_name.end() || !target->second)
        return end_unresumed(std::move(record), "its target is not in the settings any more");
    auto operation = resumed(record, how);
    if (!operation) return end_unresumed(std::move(record), operation.error().message);
    const auto entry = std::make_shared<Entry>();
    entry->target = target->second;
    entry->arrival = targets::Arrival(target->second);
    entry->target_name = record.target;
    entry->operation = std::move(*operation);
    entry->operation.has_entered = true;
    entry->target->context().pool.enter_again();
    entry->is_recorded = entry->is_resumed = true;
    for (store::Step &step : record.steps)
        if (!step.ended) step.status = "Pending";
    const auto open =
        std::count_if(record.steps.begin(), record.steps.end(), [](const store::Step &step) { return !step.ended; });
    log_->warn(
        "{}had not ended when the daemon last did: what became of {} of its {} resources is looked for, and {}",
        LogFields{
            {"target", record.target}, {"request", record.request_id}, {"operation", record.verb}, {"operation_id", record.id}},
        open, record.steps.size(), how == run::Resumption::How::resume ? "what was not done is done" : "no more is done");
    record.payload.clear();
    record.state = store::State::queued;
    enlist(entry, record, first_number(record));
    take_turn(entry);
}

void Operations::end_unresumed(store::Operation record, const std::string &why) {
    const Error lost = internal("The daemon ended while the operation was under way, and " + why + ".");
    for (store::Step &step : record.steps) {
        if (step.ended) continue;
        step.status = to_string(parse::Status::unknown);
        step.errors = {"The daemon ended while this was under way, and " + why + "."};
        step.ended = store::now();
    }
    note_refusal(record, lost);
    log_->error(
        "{}had not ended when the daemon last did, and can't go on: {}",
        LogFields{
            {"target", record.target}, {"request", record.request_id}, {"operation", record.verb}, {"operation_id", record.id}},
        why);
    store_->commit({store::End{record}}, [weak = weak_from_this(), record](const Result<void> &result) {
        const auto self = weak.lock();
        if (!result && self) self->keep_end({record});
    });
}

} // namespace rsf::operations
