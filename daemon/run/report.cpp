// SPDX-License-Identifier: Apache-2.0
#include "run/report.hpp"

#include <resourcifier/answer.h>
#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

namespace rsf::run {

namespace {

constexpr std::size_t most_causes = 20;

parse::Status success(drivers::Verb verb, std::uint32_t outcome) {
    if (verb == drivers::Verb::remove) return parse::Status::deleted;
    if (outcome == RSF_OUTCOME_CREATED) return parse::Status::created;
    if (outcome == RSF_OUTCOME_CHANGED) return parse::Status::replaced;
    if (verb == drivers::Verb::apply && outcome == RSF_OUTCOME_UNCHANGED) return parse::Status::unchanged;
    return verb == drivers::Verb::create ? parse::Status::created : parse::Status::replaced;
}

// A member of {"field", "message"}, as a Kubernetes Status has its causes.
std::string text_in(const boost::json::value &cause, std::string_view key) {
    const boost::json::object *object = cause.if_object();
    const boost::json::value *value = object ? object->if_contains(key) : nullptr;
    const boost::json::string *string = value ? value->if_string() : nullptr;
    return string ? std::string(*string) : std::string();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80); }

// Only letters and digits, since a message may quote a cause with other line breaks and quotes.
std::string letters_of(std::string_view text) {
    std::string letters;
    std::copy_if(text.begin(), text.end(), std::back_inserter(letters), is_letter);
    return letters;
}

// "spec.a" is in "(spec.a)", and neither in "spec.ab" nor in "x.spec.a".
bool names(std::string_view message, std::string_view field) {
    for (std::size_t at = message.find(field); at != message.npos; at = message.find(field, at + 1)) {
        const std::size_t end = at + field.size();
        if ((at == 0 || !(is_letter(message[at - 1]) || message[at - 1] == '.')) &&
            (end == message.size() || !is_letter(message[end])))
            return true;
    }
    return false;
}

// "spec.replicas: must be a number", for each cause that the message does not quote already.
void add_causes(const boost::json::value &causes, const std::string &message, std::vector<std::string> &errors) {
    if (!causes.is_array()) return;
    const std::string letters = letters_of(message);
    for (const boost::json::value &cause : causes.get_array()) {
        const std::string field = text_in(cause, "field"), what = text_in(cause, "message");
        if (what.empty() || (names(message, field) && letters.find(letters_of(what)) != std::string::npos)) continue;
        if (errors.size() > most_causes) return;
        errors.push_back(field.empty() ? what : field + ": " + what);
    }
}

constexpr std::size_t longest_details = std::size_t{16} << 10U;
constexpr std::chrono::seconds longest_wait{3600};

} // namespace

parse::FailureForPrograms for_programs(const drivers::Failure &failure) {
    const bool is_drivers_own = failure.number >= RSF_DRIVER_CODES;
    parse::FailureForPrograms said{
        is_drivers_own ? std::to_string(failure.number) : std::string(word_of(failure.code)), nullptr, {}};
    if (!failure.details.is_null() && json_text(failure.details).size() <= longest_details) said.details = failure.details;
    if (failure.retry == drivers::Failure::Retry::later)
        said.retry_after =
            std::clamp(std::chrono::ceil<std::chrono::seconds>(failure.retry_after), std::chrono::seconds(1), longest_wait);
    return said;
}

parse::State state_of(drivers::Verb verb, const drivers::Answer &answer) {
    const bool is_known = answer || answer.error().effect != drivers::Failure::Effect::unknown;
    parse::State state{answer     ? success(verb, answer->outcome)
                       : is_known ? parse::Status::failed
                                  : parse::Status::unknown,
                       {},
                       {}};
    try {
        if (answer) {
            state.selflink = answer->selflink;
            state.warnings = answer->warnings;
            return state;
        }
        const drivers::Failure &failure = answer.error();
        state.errors.push_back(failure.message);
        const boost::json::object *details = failure.details.if_object();
        if (const boost::json::value *causes = details ? details->if_contains("causes") : nullptr)
            add_causes(*causes, failure.message, state.errors);
        state.failure = for_programs(failure);
    } catch (const std::bad_alloc &) { // the status matters more than the sentences
    }
    return state;
}

std::string tally(std::span<const parse::Resource> resources) {
    std::array<std::size_t, parse::status_count> counts{}; // by Status
    for (const parse::Resource &resource : resources) ++counts[static_cast<std::size_t>(resource.state->status)];
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        if (!text.empty()) text += ", ";
        text += std::to_string(counts[i]) + " " + std::string(to_string(static_cast<parse::Status>(i)));
    }
    return text;
}

} // namespace rsf::run
