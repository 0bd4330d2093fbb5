// SPDX-License-Identifier: Apache-2.0
#include "operations/running.hpp"

#include "operations/record.hpp"

#include <algorithm>

namespace rsf::operations {

Running::Running(store::Operation record, drivers::Verb verb, std::uint64_t first)
    : id_(record.id), verb_(verb), record_(std::move(record)), last_(first), state_number_(first),
      numbers_(record_.steps.size()) {
    for (std::size_t i = 0; i < record_.steps.size(); ++i) {
        if (!record_.steps[i].ended) continue;
        numbers_[i] = ++last_;
        order_.emplace(last_, i);
    }
}

store::Operation Running::record() const {
    const shared::Lock lock(mutex_);
    return record_;
}

store::Summary Running::summary() const {
    const shared::Lock lock(mutex_);
    return record_;
}

std::optional<store::Summary> Running::summary_if(const store::Filter &filter) const {
    const shared::Lock lock(mutex_);
    if (!fits(filter, record_)) return std::nullopt;
    return record_;
}

void Running::changed(std::size_t step) {
    order_.erase({numbers_[step], step});
    numbers_[step] = ++last_;
    order_.emplace(last_, step);
    unsaved_.insert(step);
}

void Running::forget_said(std::size_t step) {
    std::erase_if(said_, [&](const auto &each) { return each.second.first == step; }); // few steps run at once
}

void Running::step_said(std::size_t step, std::string line) {
    std::vector<std::function<void()>> listeners;
    {
        const shared::Lock lock(mutex_);
        if (is_ending_ || step >= record_.steps.size() || record_.steps[step].ended) return;
        forget_said(step);
        said_.emplace(++last_, std::pair(step, std::move(line)));
        listeners = take_listeners();
    }
    for (const auto &each : listeners) each();
}

void Running::state_changed() {
    state_number_ = ++last_;
    state_unsaved_ = true;
}

std::vector<std::function<void()>> Running::take_listeners() { return std::exchange(listeners_, {}); }

void Running::step_begun(std::size_t step) {
    std::vector<std::function<void()>> listeners;
    {
        const shared::Lock lock(mutex_);
        if (is_ending_ || step >= record_.steps.size() || record_.steps[step].ended) return;
        record_.steps[step].status = "Running";
        record_.steps[step].started = store::now();
        changed(step);
        listeners = take_listeners();
    }
    for (const auto &each : listeners) each();
}

void Running::step_ended(std::size_t step, const drivers::Answer &answer) {
    std::vector<std::function<void()>> listeners;
    {
        const shared::Lock lock(mutex_);
        if (is_ending_ || step >= record_.steps.size() || record_.steps[step].ended) return;
        if (is_held_ && !answer) return; // it may have been stopped for the daemon's sake
        note_answer(record_.steps[step], verb_, answer);
        forget_said(step);
        changed(step);
        listeners = take_listeners();
    }
    for (const auto &each : listeners) each();
}

bool Running::begin(store::State state) {
    std::vector<std::function<void()>> listeners;
    {
        const shared::Lock lock(mutex_);
        if (is_ending_ || record_.state == state) return false;
        record_.state = state;
        if (!record_.started) record_.started = store::now();
        state_changed();
        listeners = take_listeners();
    }
    for (const auto &each : listeners) each();
    return true;
}

store::Operation Running::end(const run::Report &report, bool may_have_begun) {
    const shared::Lock lock(mutex_);
    is_ending_ = true;
    end_ = record_;
    if (!report && may_have_begun)
        note_loss(*end_, in_one_line(report.error()));
    else
        note_report(*end_, report, record_.is_cancelled);
    end_->payload.clear();
    return *end_;
}

store::Operation Running::ending() const {
    const shared::Lock lock(mutex_);
    return end_ ? *end_ : record_;
}

void Running::settled() {
    std::vector<Ended> waiting;
    std::vector<std::function<void()>> listeners;
    store::Operation record;
    {
        const shared::Lock lock(mutex_);
        if (end_) {
            std::swap(record_, *end_);
            for (std::size_t i = 0; i < record_.steps.size(); ++i)
                if (end_->steps[i] != record_.steps[i]) changed(i);
            end_.reset();
            said_.clear();
            state_changed();
        }
        is_ending_ = has_ended_ = true;
        waiting.swap(waiting_);
        listeners = take_listeners();
        if (!waiting.empty()) record = record_;
    }
    for (const Ended &each : waiting) each(record);
    for (const auto &each : listeners) each();
}

void Running::hold() {
    const shared::Lock lock(mutex_);
    is_held_ = true;
}

void Running::interrupted() {
    std::vector<Ended> waiting;
    store::Operation record;
    {
        const shared::Lock lock(mutex_);
        is_ending_ = true;
        waiting.swap(waiting_);
        record = record_;
    }
    for (const Ended &each : waiting) each(record);
}

std::optional<store::Progress> Running::take_unsaved() {
    const shared::Lock lock(mutex_);
    if (is_ending_ || (unsaved_.empty() && !state_unsaved_)) return std::nullopt;
    store::Progress progress{id_, record_.state, record_.started, {}, record_.is_cancelled};
    for (const std::size_t step : unsaved_) progress.steps.emplace_back(static_cast<std::uint32_t>(step), record_.steps[step]);
    unsaved_.clear();
    state_unsaved_ = false;
    return progress;
}

void Running::give_back(const store::Progress &progress) {
    const shared::Lock lock(mutex_);
    for (const auto &[step, text] : progress.steps) unsaved_.insert(step);
    state_unsaved_ = true;
}

void Running::when_ended(Ended once) {
    store::Operation record;
    {
        const shared::Lock lock(mutex_);
        if (!has_ended_) return waiting_.push_back(std::move(once));
        record = record_;
    }
    once(record);
}

Changes Running::changes_since(std::uint64_t after, std::size_t most) const {
    const shared::Lock lock(mutex_);
    Changes changes;
    auto step = order_.lower_bound({after + 1, 0});
    auto said = said_.upper_bound(after);
    while (changes.steps.size() < most && (step != order_.end() || said != said_.end())) {
        if (said == said_.end() || (step != order_.end() && step->first < said->first)) {
            changes.steps.push_back({step->first, step->second, record_.steps[step->second]});
            ++step;
        } else {
            const auto &[index, line] = said->second;
            changes.steps.push_back({said->first, index, record_.steps[index], line});
            ++said;
        }
    }
    const bool is_complete = changes.steps.size() < most;
    if (state_number_ > after && (is_complete || changes.steps.back().number > state_number_))
        changes.state.emplace(state_number_, record_);
    changes.has_ended = has_ended_ && is_complete;
    return changes;
}

std::uint64_t Running::last_change() const {
    const shared::Lock lock(mutex_);
    return last_;
}

void Running::when_changed(std::uint64_t after, std::function<void()> once) {
    {
        const shared::Lock lock(mutex_);
        if (!has_ended_ && last_ <= after) return listeners_.push_back(std::move(once));
    }
    once();
}

bool Running::cancel() {
    {
        const shared::Lock lock(mutex_);
        if (is_ending_) return false;
        record_.is_cancelled = state_unsaved_ = true;
    }
    cancel_.request_stop(); // calls back: without the lock
    return true;
}

bool Running::is_cancelled() const {
    const shared::Lock lock(mutex_);
    return record_.is_cancelled;
}

} // namespace rsf::operations
