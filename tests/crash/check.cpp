// SPDX-License-Identifier: Apache-2.0
#include "crash/check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace rsf::test::crash {

namespace {

using State = std::optional<std::string>;

constexpr std::size_t most_steps = 60;       // bits of a number
constexpr std::size_t most_seen = 1'000'000; // ways to take some of them

// Which known faults are taken for granted.
using Granted = std::set<Known>;

bool is_write(const Step &step) { return step.verb != Verb::remove; }
bool is_success(const Step &step) {
    return step.status == "Created" || step.status == "Replaced" || step.status == "Unchanged" || step.status == "Deleted";
}
// A failure that says nothing of whether it was done.
bool is_vague(const Step &step) {
    static const std::set<std::string> sure{"already-exists", "not-found", "conflict",   "invalid",
                                            "unauthorized",   "forbidden", "unsupported"};
    return step.status == "Failed" && !sure.contains(step.code);
}

State done(const Step &step) { return is_write(step) ? State(step.marker) : State(); }

// What the object can be after the step. Empty: the step's status is not true of that state.
std::vector<State> after(const Step &step, const State &before, const Granted &granted) {
    const bool can_be_done = step.verb == Verb::create ? !before : step.verb != Verb::replace || before.has_value();
    if (step.status == "Unknown") return can_be_done ? std::vector<State>{before, done(step)} : std::vector<State>{before};
    if (is_success(step)) {
        const bool is_equal = step.verb == Verb::create && before == State(step.marker) && granted.contains(Known::equal_before);
        if (can_be_done || is_equal) return {done(step)};
        return {};
    }
    if (step.status == "Failed" && step.code == "already-exists" && !before) return {};
    if (step.status == "Failed" && step.code == "not-found" && step.verb == Verb::replace && before) return {};
    if (is_vague(step) && can_be_done && granted.contains(Known::done_but_failed)) return {before, done(step)};
    return {before}; // Failed, Aborted
}

// Looks for an order of the steps that explains all of them. A step that had ended before another was accepted comes first.
class Search {
  public:
    Search(const std::vector<Step> &steps, State now, const Granted &granted)
        : steps_(steps), now_(std::move(now)), granted_(granted) {}

    bool explains(const State &state, std::uint64_t taken = 0) {
        if (taken == (std::uint64_t{1} << steps_.size()) - 1) return state == now_;
        if (seen_.size() > most_seen || !seen_.emplace(taken, state).second) return false;
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            if ((taken >> i & 1U) != 0 || !is_first(i, taken)) continue;
            for (const State &next : after(steps_[i], state, granted_))
                if (explains(next, taken | std::uint64_t{1} << i)) return true;
        }
        return false;
    }

    bool was_given_up() const { return seen_.size() > most_seen; }

  private:
    bool is_first(std::size_t step, std::uint64_t taken) const {
        for (std::size_t i = 0; i < steps_.size(); ++i)
            if (i != step && (taken >> i & 1U) == 0 && steps_[i].ended < steps_[step].created) return false;
        return true;
    }

    const std::vector<Step> &steps_;
    const State now_;
    const Granted &granted_;
    std::set<std::pair<std::uint64_t, State>> seen_;
};

// What no step leaves behind it, whatever state it finds.
bool is_without_effect(const Step &step) {
    const bool depends = step.code == "already-exists" || (step.code == "not-found" && step.verb == Verb::replace);
    return step.status == "Aborted" || (step.status == "Failed" && !is_vague(step) && !depends);
}

std::size_t count_of(const std::vector<Step> &steps, bool (*holds)(const Step &), const std::string *marker) {
    return static_cast<std::size_t>(std::ranges::count_if(steps, [&](const Step &step) {
        const bool is_meant = !marker ? !is_write(step) : is_write(step) && (marker->empty() || step.marker == *marker);
        return is_meant && holds(step);
    }));
}

// Where somebody else made the object, each delete may have happened once more.
std::vector<Step> repeat_deletes(std::vector<Step> steps) {
    if (std::ranges::none_of(steps, &Step::is_foreign)) return steps;
    const std::size_t count = steps.size();
    for (std::size_t i = 0; i < count && steps.size() < most_steps; ++i) {
        if (is_write(steps[i]) || steps[i].status == "Aborted") continue;
        steps.push_back(steps[i]);
        steps.back().status = "Unknown";
    }
    return steps;
}

bool may_be_done(const Step &step) { return is_success(step) || step.status == "Unknown"; }

// How often the object became what, against how often it may have. Writes without a marker are counted as those of all writers.
void count_events(const State &before, const std::vector<Event> &events, const std::vector<Step> &steps, Verdict &verdict) {
    std::map<std::string, std::size_t> written; // markers: how often, each time after something else
    std::size_t deletions = 0;
    std::string last = before.value_or("");
    for (const Event &event : events) {
        if (event.kind == Event::Kind::deleted) ++deletions;
        if (event.kind != Event::Kind::deleted && (event.marker.empty() || event.marker != last)) ++written[event.marker];
        last = event.kind == Event::Kind::deleted ? std::string() : event.marker;
    }
    for (const auto &[marker, times] : written) {
        if (times <= count_of(steps, may_be_done, &marker)) continue;
        if (times <= count_of(steps, may_be_done, &marker) + count_of(steps, is_vague, &marker))
            verdict.known.push_back(Known::done_but_failed);
        else if (count_of(
                     steps, [](const Step &) { return true; }, &marker) == 0)
            verdict.wrong += "\"" + marker + "\" was written, and nobody had asked for it. ";
        else
            verdict.wrong += "\"" + marker + "\" was written " + std::to_string(times) + " times, and " +
                             std::to_string(count_of(steps, may_be_done, &marker)) + " writes say that they may have. ";
    }
    const std::size_t deletes = count_of(steps, may_be_done, nullptr), vague = count_of(steps, is_vague, nullptr);
    if (deletions <= deletes) return;
    const bool has_foreign = std::ranges::any_of(steps, &Step::is_foreign);
    if (deletions <= deletes + vague)
        verdict.known.push_back(Known::done_but_failed);
    else if (has_foreign && deletes + vague > 0)
        verdict.known.push_back(Known::deleted_later);
    else
        verdict.wrong += "It was deleted " + std::to_string(deletions) + " times, and " + std::to_string(deletes) +
                         " deletes say that they may have. ";
}

} // namespace

std::string_view sentence_of(Known known) {
    switch (known) {
    case Known::unknown_of_queued: return "Unknown of an operation that had not begun at the crash";
    case Known::equal_before: return "Created, though an equal object was there before";
    case Known::deleted_later: return "a delete that was done was done again, on an object made anew since";
    case Known::done_but_failed: break;
    }
    return "Failed, though it was done";
}

Verdict judge(const State &before, const State &now, const std::vector<Step> &steps, const std::vector<Event> *events) {
    Verdict verdict;
    std::vector<Step> counting;
    std::ranges::remove_copy_if(steps, std::back_inserter(counting), is_without_effect);
    if (events) count_events(before, *events, steps, verdict);
    if (counting.size() > most_steps) {
        verdict.wrong += "There are too many writes to judge: " + std::to_string(counting.size()) + ". ";
        return verdict;
    }
    // The least that has to be granted.
    static const std::array<Granted, 8> grants{
        Granted{},
        Granted{Known::equal_before},
        Granted{Known::done_but_failed},
        Granted{Known::deleted_later},
        Granted{Known::equal_before, Known::done_but_failed},
        Granted{Known::equal_before, Known::deleted_later},
        Granted{Known::deleted_later, Known::done_but_failed},
        Granted{Known::equal_before, Known::deleted_later, Known::done_but_failed},
    };
    const std::vector<Step> with_repeats = repeat_deletes(counting);
    for (const Granted &granted : grants) {
        Search search(granted.contains(Known::deleted_later) ? with_repeats : counting, now, granted);
        if (!search.explains(before) && !search.was_given_up()) continue;
        if (search.was_given_up())
            verdict.is_open = true;
        else
            verdict.known.insert(verdict.known.end(), granted.begin(), granted.end());
        return verdict;
    }
    verdict.wrong += "No order of these writes explains what they say of themselves and what the object is. ";
    return verdict;
}

std::string story_of(const State &before, const State &now, const std::vector<Step> &steps, const std::vector<Event> *events) {
    const auto shown = [](const State &state) { return state ? "\"" + *state + "\"" : std::string("absent"); };
    std::string story = "    before: " + shown(before) + "\n";
    for (const Step &step : steps)
        story += "    " + std::string(word_of(step.verb)) + (step.marker.empty() ? "" : " of \"" + step.marker + "\"") + " by " +
                 step.who + ", from " + std::to_string(step.created) + " to " + std::to_string(step.ended) + ": " + step.status +
                 (step.code.empty() ? "" : " (" + step.code + ")") + (step.error.empty() ? "" : ": " + step.error) + "\n";
    if (events) {
        story += "    the cluster saw:";
        for (const Event &event : *events) {
            if (event.kind == Event::Kind::deleted)
                story += " deleted";
            else if (event.marker.empty())
                story += " written";
            else
                story += (event.kind == Event::Kind::added ? " added \"" : " changed to \"") + event.marker + "\"";
        }
        story += "\n";
    }
    return story + "    now: " + shown(now) + "\n";
}

} // namespace rsf::test::crash
