// SPDX-License-Identifier: Apache-2.0
#include "drivers/answer.hpp"

#include "base/text.hpp"
#include "drivers/json_survey.hpp"
#include "drivers/settings_schema.hpp"

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
    if (!fault.empty()) return Error{Code::internal, fault, {}, {}};
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

// What was said without its object is a write's answer still; any other has nothing left.
Answer without_object(Success success, Verb verb) {
    if (verb == Verb::list || verb == Verb::get) return no_memory();
    success.dropped = true;
    success.counted = 0;
    return success;
}

// Counted for the text until now, then for what is made of it.
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

// Looked over before it is read, so that what it will take can be counted first; and not read at all if the text will do, which
// it does unless it has numbers that are written in many ways.
Answer survey_result(Success success, Said::Result &said, Verb verb, std::string_view driver, std::string_view during,
                     const Wanted &wanted) {
    const auto refused = [&](const std::string &what) { return broken(driver, during, what); };
    const JsonSurvey survey = survey_json(said.object, max_answer_depth);
    if (!survey.fault.empty()) return refused("its object is not JSON (" + survey.fault + ")");
    if (!survey.is_object) return refused("its object is JSON, but not a JSON object");
    if (verb == Verb::list && !survey.has_items) return refused("its object has no array \"items\"");
    if (!wanted.as_text || survey.has_fractions) {
        const Result<void> read = read_object(success, std::move(said.object), survey.size, wanted);
        if (!read) return refused("its object is not JSON (" + read.error().message + ")");
        return success.dropped ? without_object(std::move(success), verb) : Answer(std::move(success));
    }
    said.object.erase(said.object.find_last_not_of(" \t\r\n") + 1);
    success.text = std::move(said.object);
    return success;
}

Answer judge_result(Said::Result &said, Verb verb, std::string_view driver, std::string_view during, const Wanted &wanted) {
    const auto refused = [&](const std::string &what) { return broken(driver, during, what); };
    Success success;
    if (const std::string fault = fault_of_outcome(said.outcome); !fault.empty()) return refused(fault);
    if (const std::string fault = fault_of_selflink(said.selflink); !fault.empty())
        return refused(fault + ": " + in_quotes(said.selflink));
    success.outcome = said.outcome;
    success.selflink = std::move(said.selflink);
    if (verb == Verb::remove) return success;
    if (said.dropped != 0) return without_object(std::move(success), verb);
    if (said.object.empty()) return refused("it succeeded without an object");
    if (wanted.as_text || (wanted.memory && said.object.size() > small_memory))
        return survey_result(std::move(success), said, verb, driver, during, wanted);
    auto object = parse(said.object);
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

// The driver's own codes, and those of no ABI, are internal to everybody else; the number goes on.
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
    return {Code::unavailable, std::string(memory_is_taken) + "; try again later", Failure::Retry::later, std::chrono::seconds(2),
            nullptr};
}

Failure judge_failure(const Said::Failure &said, std::string_view during, std::string_view driver,
                      const std::vector<std::string> &secrets) {
    if (const std::string fault = fault_of_failure(said.code, said.message); !fault.empty()) return broken(driver, during, fault);
    Failure failure;
    // A first cut bounds the search, a second one the answer: between them a secret on the edge is found whole.
    failure.message = cut(without_secrets(cut(said.message, 4 * max_message), secrets), max_message);
    if (!said.details.empty()) {
        auto details = parse(said.details);
        if (!details) return broken(driver, during, "the details of its failure are not JSON; it said: " + failure.message);
        hide(*details, secrets);
        failure.details = std::move(*details);
    }
    set_code(failure, said.code);
    failure.retry = retry_of(said.retry);
    failure.retry_after = std::chrono::milliseconds(std::clamp<std::int64_t>(said.retry_after_ms, 0, longest_wait));
    return failure;
}

namespace {

// Why what was said is no answer at all, or empty.
std::string no_answer(const Said &said, const std::vector<std::string> &secrets) {
    const auto words = [&](const std::string &own) {
        return printable(without_secrets(cut(own, 4 * max_message), secrets), max_message);
    };
    if (!said.broke.empty()) return words(said.broke);
    if (said.answers <= 0) return "it returned without an answer";
    if (said.answers > 1) return "it answered " + std::to_string(said.answers) + " times, so that nobody knows which is true";
    if (!said.fault.empty()) return words(said.fault);
    return std::holds_alternative<std::monostate>(said.first) ? "it returned without an answer" : "";
}

DriverHealth read_health(const std::string &text, std::string_view driver, const std::vector<std::string> &secrets) {
    const auto refused = [&](const std::string &what) { return DriverHealth{false, broken(driver, "health", what).message, {}}; };
    if (text.size() > max_health)
        return refused("it said " + std::to_string(text.size()) + " bytes, and " + std::to_string(max_health) + " are taken");
    auto said = parse(text);
    if (!said) return refused("what it said is not JSON (" + said.error().message + ")");
    const json::value *ok = said->is_object() ? said->get_object().if_contains("ok") : nullptr;
    if (ok == nullptr || !ok->is_bool()) return refused("what it said is no object with \"ok\"");
    hide(*said, secrets);
    DriverHealth health{ok->get_bool(), {}, std::move(said->get_object())};
    if (const json::value *reason = health.more.if_contains("reason"); reason && reason->is_string() && !health.ok)
        health.reason = cut(std::string(reason->get_string()), max_message);
    if (!health.ok && health.reason.empty()) return refused("it is not ok and does not say why");
    health.more.erase("ok");
    health.more.erase("reason");
    return health;
}

} // namespace

DriverHealth judge_health(Said said, std::string_view driver, const std::vector<std::string> &secrets) {
    if (const std::string wrong = no_answer(said, secrets); !wrong.empty())
        return {false, broken(driver, "health", wrong).message, {}};
    if (const auto *result = std::get_if<Said::Result>(&said.first)) return read_health(result->object, driver, secrets);
    return {false, judge_failure(std::get<Said::Failure>(said.first), "health", driver, secrets).message, {}};
}

Answer judge(Said said, Verb verb, std::string_view driver, const std::vector<std::string> &secrets, std::string_view during,
             const Wanted &wanted) {
    if (during.empty()) during = to_string(verb);
    if (const std::string wrong = no_answer(said, secrets); !wrong.empty()) return broken(driver, during, wrong);
    if (auto *result = std::get_if<Said::Result>(&said.first)) return judge_result(*result, verb, driver, during, wanted);
    return judge_failure(std::get<Said::Failure>(said.first), during, driver, secrets);
}

Said said_of(const Answer &answer) {
    Said said;
    said.answers = 1;
    const auto text = [](const json::value &value) { return value.is_null() ? std::string() : json_text(value); };
    if (answer) {
        said.first = Said::Result{answer->outcome, answer->text.empty() ? text(answer->object) : answer->text, answer->selflink};
    } else {
        const Failure &failure = answer.error();
        const std::int32_t retry = failure.retry == Failure::Retry::never   ? RSF_RETRY_NEVER
                                   : failure.retry == Failure::Retry::later ? RSF_RETRY_LATER
                                                                            : RSF_RETRY_UNKNOWN;
        const std::int32_t code = failure.number != 0 ? failure.number : static_cast<std::int32_t>(failure.code);
        said.first = Said::Failure{code, failure.message, retry, failure.retry_after.count(), text(failure.details)};
    }
    return said;
}

Said refused(Code code, std::string message) {
    return said_of(Failure{code, std::move(message), Failure::Retry::never, {}, nullptr});
}

Said call_is_over() { return refused(Code::cancelled, "the call during which another target was to be asked is over"); }

} // namespace rsf::drivers
