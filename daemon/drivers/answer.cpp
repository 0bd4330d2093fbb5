// SPDX-License-Identifier: Apache-2.0
#include "drivers/answer.hpp"

#include "base/text.hpp"
#include "drivers/json_survey.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <resourcifier/answer_rules.hpp>
#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <optional>

namespace rsf::drivers {

namespace {

namespace json = boost::json;

constexpr std::size_t max_message = 16 * 1024;    // bytes of a failure's sentence
constexpr std::int64_t longest_wait = 86'400'000; // milliseconds; a day

Result<json::value> parse(std::string_view text) {
    std::string fault;
    json::value value = read_answer(text, fault);
    if (!fault.empty()) return internal(fault);
    return value;
}

void hide(json::value &value, const std::vector<std::string> &secrets) {
    if (value.is_string()) value = without_secrets(value.get_string(), secrets);
    if (value.is_array())
        for (json::value &inner : value.get_array()) hide(inner, secrets);
    if (value.is_object())
        for (auto &member : value.get_object()) hide(member.value(), secrets);
}

// Cut at a character's start.
std::string cut(std::string text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    text.resize(limit);
    return text + "…";
}

// Without its object, a write's answer is still an answer; others are not.
Answer without_object(Success success, Verb verb) {
    if (verb == Verb::list || verb == Verb::get) return no_memory();
    success.dropped = true;
    success.counted = 0;
    return success;
}

// The memory was counted for the text; from here it is counted for the value.
Result<void> read_object(Success &success, std::string text, std::size_t size, const Wanted &wanted) {
    const std::size_t counted = text.size() > small_memory ? text.size() : 0;
    success.counted = size > small_memory ? size : 0;
    success.dropped = wanted.memory && !wanted.memory->add(success.counted);
    Result<json::value> object = json::value();
    if (!success.dropped) object = parse(text);
    std::string().swap(text);
    if (wanted.memory) wanted.memory->give_back(counted);
    if (!object) return object.error();
    success.object = std::move(*object);
    return {};
}

// Surveys the text before parsing it, so that the memory that the value will take can be counted first. It is not parsed if the
// text itself is wanted, unless it has numbers that can be written in several ways.
Answer survey_result(Success success, RawAnswer::Result &raw, Verb verb, std::string_view driver, std::string_view during,
                     const Wanted &wanted) {
    const auto refused = [&](const std::string &what) { return broken(driver, during, what); };
    const JsonSurvey survey = survey_json(raw.object, max_answer_depth);
    if (!survey.fault.empty()) return refused("its object is not JSON (" + survey.fault + ")");
    if (!survey.is_object) return refused("its object is JSON, but not a JSON object");
    if (verb == Verb::list && !survey.has_items) return refused("its object has no array \"items\"");
    if (!wanted.as_text || survey.has_fractions) {
        const Result<void> read = read_object(success, std::move(raw.object), survey.size, wanted);
        if (!read) return refused("its object is not JSON (" + read.error().message + ")");
        return success.dropped ? without_object(std::move(success), verb) : Answer(std::move(success));
    }
    raw.object.erase(raw.object.find_last_not_of(" \t\r\n") + 1);
    success.text = std::move(raw.object);
    return success;
}

// Empty, with what is wrong, when they are not a JSON array of sentences. Too many and too long ones are cut.
std::vector<std::string> read_warnings(std::string_view text, const std::vector<std::string> &secrets, std::string &fault) {
    std::vector<std::string> warnings;
    if (text.empty()) return warnings;
    if (text.size() > max_warnings_text) { // an instance in this process checks it before it copies them
        fault = "its warnings are " + std::to_string(text.size()) + " bytes long";
        return warnings;
    }
    const Result<json::value> read = parse(text);
    fault = read ? fault_of_warnings(*read) : "its warnings are not JSON (" + read.error().message + ")";
    if (!fault.empty()) return warnings;
    const json::array &list = read->get_array();
    for (const json::value &each : list) {
        if (warnings.size() == max_warnings) {
            warnings.push_back("There are " + std::to_string(list.size() - max_warnings) + " more warnings, which are left out.");
            break;
        }
        // Cut twice, as a failure's message is.
        const std::string_view sentence = each.get_string();
        std::string shown = printable(without_secrets(sentence.substr(0, 4 * max_warning), secrets), max_warning);
        if (!shown.empty()) warnings.push_back(std::move(shown));
    }
    return warnings;
}

Answer judge_result(RawAnswer::Result &raw, Verb verb, std::string_view driver, const std::vector<std::string> &secrets,
                    std::string_view during, const Wanted &wanted) {
    const auto refused = [&](const std::string &what) { return broken(driver, during, what); };
    Success success;
    if (const std::string fault = fault_of_outcome(raw.outcome); !fault.empty()) return refused(fault);
    if (const std::string fault = fault_of_selflink(raw.selflink); !fault.empty())
        return refused(fault + ": " + in_quotes(raw.selflink));
    success.outcome = raw.outcome;
    success.selflink = std::move(raw.selflink);
    if (const std::string fault = fault_of_revision(raw.revision); !fault.empty()) return refused(fault);
    success.revision = std::move(raw.revision);
    std::string fault;
    success.warnings = read_warnings(raw.warnings, secrets, fault);
    if (!fault.empty()) return refused(fault);
    if (verb == Verb::remove) return success;
    if (raw.dropped != 0) return without_object(std::move(success), verb);
    if (raw.object.empty()) return refused("it succeeded without an object");
    if (wanted.as_text || (wanted.memory && raw.object.size() > small_memory))
        return survey_result(std::move(success), raw, verb, driver, during, wanted);
    auto object = parse(raw.object);
    if (!object) return refused("its object is not JSON (" + object.error().message + ")");
    if (const std::string wrong = fault_of_object(static_cast<std::uint32_t>(verb), *object); !wrong.empty())
        return refused(wrong);
    success.object = std::move(*object);
    return success;
}

Failure::Retry retry_of(std::int32_t retry) {
    switch (retry) {
    case RSF_RETRY_NEVER: return Failure::Retry::never;
    case RSF_RETRY_LATER: return Failure::Retry::later;
    default: return Failure::Retry::unknown;
    }
}

// One that this daemon does not know says nothing.
Failure::Effect effect_of(std::uint32_t effect) {
    switch (effect) {
    case RSF_EFFECT_KNOWN: return Failure::Effect::known;
    case RSF_EFFECT_UNKNOWN: return Failure::Effect::unknown;
    default: return Failure::Effect::unsaid;
    }
}

// The driver's own codes, and unknown ones, count as internal; the number is passed on.
void set_code(Failure &failure, std::int32_t code) {
    const bool is_known = code >= RSF_NOT_FOUND && code <= RSF_INTERNAL;
    failure.code = is_known ? static_cast<Code>(code) : Code::internal;
    failure.number = code;
}

} // namespace

Failure broken(std::string_view driver, std::string_view during, std::string_view what) {
    Failure failure;
    failure.message = "the driver '" + std::string(driver) + "' broke the driver ABI in " + std::string(during) + ": " +
                      std::string(what) + "; tell its vendor";
    return failure;
}

Failure no_memory() {
    return transient(unavailable(std::string(memory_is_taken) + "; try again later"), std::chrono::seconds(2));
}

Failure judge_failure(const RawAnswer::Failure &raw, std::string_view during, std::string_view driver,
                      const std::vector<std::string> &secrets) {
    if (const std::string fault = fault_of_failure(raw.code, raw.message); !fault.empty()) return broken(driver, during, fault);
    Failure failure;
    // The first cut bounds the search for secrets, the second one the answer: so a secret at the second cut is found whole.
    failure.message = cut(without_secrets(cut(raw.message, 4 * max_message), secrets), max_message);
    if (!raw.details.empty()) {
        auto details = parse(raw.details);
        if (!details) return broken(driver, during, "the details of its failure are not JSON; it said: " + failure.message);
        hide(*details, secrets);
        failure.details = std::move(*details);
    }
    set_code(failure, raw.code);
    failure.retry = retry_of(raw.retry);
    failure.effect = effect_of(raw.effect);
    failure.retry_after = std::chrono::milliseconds(std::clamp<std::int64_t>(raw.retry_after_ms, 0, longest_wait));
    return failure;
}

namespace {

// Why this is no answer at all, or empty.
std::string no_answer(const RawAnswer &raw, const std::vector<std::string> &secrets) {
    const auto words = [&](const std::string &own) {
        return printable(without_secrets(cut(own, 4 * max_message), secrets), max_message);
    };
    if (!raw.broke.empty()) return words(raw.broke);
    if (raw.answers <= 0) return "it returned without an answer";
    if (raw.answers > 1) return "it answered " + std::to_string(raw.answers) + " times, so that it is not known which is true";
    if (!raw.fault.empty()) return words(raw.fault);
    return std::holds_alternative<std::monostate>(raw.first) ? "it returned without an answer" : "";
}

DriverHealth read_health(const std::string &text, std::string_view driver, const std::vector<std::string> &secrets) {
    const auto refused = [&](const std::string &what) { return DriverHealth{false, broken(driver, "health", what).message, {}}; };
    if (text.size() > max_health)
        return refused("it said " + std::to_string(text.size()) + " bytes, and " + std::to_string(max_health) + " are taken");
    auto raw = parse(text);
    if (!raw) return refused("what it said is not JSON (" + raw.error().message + ")");
    const json::value *ok = raw->is_object() ? raw->get_object().if_contains("ok") : nullptr;
    if (ok == nullptr || !ok->is_bool()) return refused("what it said is no object with \"ok\"");
    hide(*raw, secrets);
    DriverHealth health{ok->get_bool(), {}, std::move(raw->get_object())};
    if (const json::value *reason = health.more.if_contains("reason"); reason && reason->is_string() && !health.ok)
        health.reason = cut(std::string(reason->get_string()), max_message);
    if (!health.ok && health.reason.empty()) return refused("it is not ok and does not say why");
    health.more.erase("ok");
    health.more.erase("reason");
    return health;
}

} // namespace

DriverHealth judge_health(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets) {
    if (const std::string wrong = no_answer(raw, secrets); !wrong.empty())
        return {false, broken(driver, "health", wrong).message, {}};
    if (const auto *result = std::get_if<RawAnswer::Result>(&raw.first)) return read_health(result->object, driver, secrets);
    return {false, judge_failure(std::get<RawAnswer::Failure>(raw.first), "health", driver, secrets).message, {}};
}

Answer judge(RawAnswer raw, Verb verb, std::string_view driver, const std::vector<std::string> &secrets, std::string_view during,
             const Wanted &wanted) {
    if (during.empty()) during = to_string(verb);
    if (const std::string wrong = no_answer(raw, secrets); !wrong.empty()) return broken(driver, during, wrong);
    if (auto *result = std::get_if<RawAnswer::Result>(&raw.first))
        return judge_result(*result, verb, driver, secrets, during, wanted);
    return judge_failure(std::get<RawAnswer::Failure>(raw.first), during, driver, secrets);
}

Settled judge_settlement(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets, const Wanted &wanted) {
    Wanted as_value = wanted;
    as_value.as_text = false;
    Answer answer = judge(std::move(raw), Verb::get, driver, secrets, "settle", as_value);
    if (!answer) return std::move(answer).error();
    if (const std::string fault = fault_of_settlement(answer->object); !fault.empty()) return broken(driver, "settle", fault);
    json::object &said = answer->object.get_object();
    const std::string_view word = said.at("settled").get_string();
    Settlement settlement;
    if (word == "unknown") {
        const std::string_view reason = said.at("reason").get_string();
        settlement.reason = printable(without_secrets(reason.substr(0, 4 * max_warning), secrets), max_warning);
    }
    settlement.how = word == "done"       ? Settlement::How::done
                     : word == "not-done" ? Settlement::How::not_done
                                          : Settlement::How::unknown;
    settlement.revision = std::move(answer->revision);
    if (settlement.how != Settlement::How::done) return settlement;
    settlement.warnings = std::move(answer->warnings);
    settlement.selflink = std::move(answer->selflink);
    if (const json::value *outcome = said.if_contains("outcome"))
        settlement.outcome = *outcome == "created"   ? RSF_OUTCOME_CREATED
                             : *outcome == "changed" ? RSF_OUTCOME_CHANGED
                                                     : RSF_OUTCOME_UNCHANGED;
    if (json::value *object = said.if_contains("object")) settlement.object = std::move(*object);
    settlement.counted = answer->counted;
    return settlement;
}

Named judge_kind(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets) {
    Answer answer = judge(std::move(raw), Verb::get, driver, secrets, "kind");
    if (!answer) return std::move(answer).error();
    if (const std::string fault = fault_of_kind(answer->object); !fault.empty()) return broken(driver, "kind", fault);
    const json::object &said = answer->object.get_object();
    TypeName name{std::string(said.at("group").get_string()), std::string(said.at("kind").get_string()),
                  said.at("namespaced").get_bool(), std::nullopt};
    if (const json::value &there = said.at("there"); there.is_bool()) name.is_there = there.get_bool();
    return name;
}

RawAnswer raw_answer_of(const Answer &answer) {
    RawAnswer raw;
    raw.answers = 1;
    const auto text = [](const json::value &value) { return value.is_null() ? std::string() : json_text(value); };
    if (answer) {
        raw.first = RawAnswer::Result{
            answer->outcome,
            answer->text.empty() ? text(answer->object) : answer->text,
            answer->selflink,
            0,
            answer->revision,
            answer->warnings.empty() ? std::string() : json_text(json::array(answer->warnings.begin(), answer->warnings.end()))};
    } else {
        const Failure &failure = answer.error();
        const std::int32_t retry = failure.retry == Failure::Retry::never   ? RSF_RETRY_NEVER
                                   : failure.retry == Failure::Retry::later ? RSF_RETRY_LATER
                                                                            : RSF_RETRY_UNKNOWN;
        const std::int32_t code = failure.number != 0 ? failure.number : static_cast<std::int32_t>(failure.code);
        const std::uint32_t effect = failure.effect == Failure::Effect::known     ? RSF_EFFECT_KNOWN
                                     : failure.effect == Failure::Effect::unknown ? RSF_EFFECT_UNKNOWN
                                                                                  : RSF_EFFECT_UNSAID;
        raw.first = RawAnswer::Failure{code, failure.message, retry, failure.retry_after.count(), text(failure.details), effect};
    }
    return raw;
}

RawAnswer refused(Code code, std::string message) { return raw_answer_of(permanent(error_of(code, std::move(message)))); }

RawAnswer call_is_over() { return refused(Code::cancelled, "the call during which another target was to be asked is over"); }

} // namespace rsf::drivers
