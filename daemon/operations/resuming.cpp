// SPDX-License-Identifier: Apache-2.0
//
// How operations go on that had not ended when the daemon last did.
#include "operations/entry.hpp"
#include "operations/record.hpp"
#include "shared/failpoint.hpp"
#include "targets/target_set.hpp"

#include <algorithm>
#include <utility>

namespace rsf::operations {

namespace {

constexpr std::size_t most_noted = 1000;   // operations that ended just before the daemon did
constexpr std::size_t memory_for_text = 4; // bytes that a configuration takes for each byte of its text, about

// Above all numbers that the daemon before this one gave, so that a listener who knows those gets what it lacks: fewer than a
// million changes come in a millisecond.
std::uint64_t first_number(const store::Operation &record) {
    const auto age = store::now() - record.created;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 1)) << 20U;
}

void say(const Log &log, spdlog::level::level_enum level, const store::Operation &record, const std::string &what) {
    log->log(
        level, "{}{}",
        LogFields{
            {"target", record.target}, {"request", record.request_id}, {"operation", record.verb}, {"operation_id", record.id}},
        what);
}

} // namespace

Result<void> Operations::resume(const targets::TargetSet &targets, run::Resumption::How how,
                                const std::shared_ptr<Budget> &memory, std::size_t most) {
    auto unfinished = store_->unfinished();
    if (!unfinished) return unfinished.error();
    if (auto noted = note_last_writes(); !noted) return noted;
    for (store::Operation &record : *unfinished) {
        auto share = std::make_shared<Share>(memory, most, memory_for_text * record.payload.size());
        resume(std::move(record), targets, how, std::move(share));
    }
    return {};
}

// What ended just before the daemon did has written its objects shortly before what comes now.
Result<void> Operations::note_last_writes() {
    const auto page = store_->list({}, most_noted, "");
    if (!page) return page.error();
    for (const store::Summary &each : page->operations) {
        if (!each.ended || store::now() - *each.ended > LockTable::close_together) continue;
        const auto found = store_->find(each.id);
        if (!found) return found.error();
        if (!*found) continue;
        const shared::Lock lock(mutex_);
        locks_.release(locks_.take((*found)->target, (*found)->steps), LockTable::Time::clock::now());
    }
    return {};
}

void Operations::resume(store::Operation record, const targets::TargetSet &targets, run::Resumption::How how,
                        std::shared_ptr<Share> memory) {
    const auto target = targets.by_name.find(record.target);
    if (target == targets.by_name.end() || !target->second)
        return end_unresumed(std::move(record), "its target is not in the settings any more");
    RSF_FAILPOINT("operations.resume.read");
    if (record.is_cancelled) how = run::Resumption::How::cancel;
    const bool had_begun = record.state != store::State::queued;
    if (!had_begun && how == run::Resumption::How::cancel)
        return end_unbegun(std::move(record), error_of(Code::cancelled, "the operation was cancelled before it began"));
    if (!had_begun && how == run::Resumption::How::stop)
        return end_unbegun(std::move(record), unavailable("the daemon ended before the operation began, and its setting "
                                                          "after_restart is stop"));
    Result<std::string> payload = seal_.open(std::move(record.payload), record.id);
    if (!payload) return end_unresumed(std::move(record), "what the store holds of it can't be read: " + payload.error().message);
    record.payload = std::move(*payload);
    auto operation = resumed(record, how);
    if (!operation) return end_unresumed(std::move(record), operation.error().message);
    if (!had_begun) operation->resumption = nullptr;
    const auto entry = std::make_shared<Entry>();
    entry->target = target->second;
    entry->arrival = targets::Arrival(target->second);
    entry->target_name = record.target;
    entry->operation = std::move(*operation);
    entry->operation.memory = std::move(memory);
    entry->operation.has_entered = true;
    entry->target->context().pool.enter_again();
    entry->is_recorded = true;
    entry->is_resumed = had_begun;
    entry->is_queued_on_disk = !had_begun;
    for (store::Step &step : record.steps)
        if (!step.ended) step.status = "Pending";
    const bool resumes = how == run::Resumption::How::resume;
    const auto open =
        std::count_if(record.steps.begin(), record.steps.end(), [](const store::Step &step) { return !step.ended; });
    if (had_begun)
        say(log_, spdlog::level::warn, record,
            fmt::format("had not ended when the daemon last did: what became of {} of its {} resources is looked for, and {}",
                        open, record.steps.size(), resumes ? "what was not done is done" : "no more is done"));
    else
        say(log_, spdlog::level::warn, record, "had not begun when the daemon last ended: it waits for its turn again");
    record.payload.clear();
    record.state = store::State::queued; // in this daemon
    enlist(entry, record, first_number(record));
    RSF_FAILPOINT("operations.resume.enlisted");
    take_turn(entry);
}

void Operations::end_unresumed(store::Operation record, const std::string &why) {
    if (record.state == store::State::queued)
        return end_unbegun(std::move(record), internal("the daemon ended before the operation began, and " + why));
    note_loss(record, why);
    say(log_, spdlog::level::err, record, "had not ended when the daemon last did, and can't go on: " + why);
    save_end({std::move(record)});
}

// Nothing of it was done.
void Operations::end_unbegun(store::Operation record, drivers::Failure why) {
    note_refusal(record, why);
    say(log_, spdlog::level::warn, record,
        "had not begun when the daemon last ended, and does not any more: " + in_one_line(why));
    save_end({std::move(record), true});
}

} // namespace rsf::operations
