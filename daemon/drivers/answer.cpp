// SPDX-License-Identifier: Apache-2.0
#include "drivers/answer.hpp"

#include "drivers/settings_schema.hpp"
#include "text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace rsf::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 512;            // nesting of JSON in an answer
constexpr std::size_t max_message = 16 * 1024;    // bytes of a failure's sentence
constexpr std::size_t max_health = 64 * 1024;     // bytes of what a driver says of its health
constexpr std::size_t max_selflink = 8 * 1024;    // bytes
constexpr std::int64_t longest_wait = 86'400'000; // milliseconds; a day

Result<json::value> parse(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_depth;
    boost::system::error_code failed;
    json::value value = json::parse(text, failed, {}, options);
    if (failed) return Error{Code::internal, failed.message(), {}, {}};
    return value;
}

// Boost.JSON reads 1e400 as infinity, which JSON can't hold.
bool is_finite(const json::value &value) {
    if (value.is_double()) return std::isfinite(value.get_double());
    if (value.is_array()) return std::all_of(value.get_array().begin(), value.get_array().end(), is_finite);
    if (!value.is_object()) return true;
    const json::object &object = value.get_object();
    return std::all_of(object.begin(), object.end(), [](const auto &member) { return is_finite(member.value()); });
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

// What is wrong with an object of this verb's answer, or empty.
std::string wrong_shape(Verb verb, const json::value &object) {
    if (!object.is_object()) return "its object is JSON, but not a JSON object";
    if (verb != Verb::list) return {};
    const json::value *items = object.get_object().if_contains("items");
    return items && items->is_array() ? std::string() : "its object has no array \"items\"";
}

Answer judge_result(Said::Result &said, Verb verb, std::string_view driver, std::string_view during) {
    const auto refused = [&](const std::string &what) { return broken(driver, during, what); };
    Success success;
    if (said.outcome > RSF_OUTCOME_CHANGED) return refused("its outcome " + std::to_string(said.outcome) + " is none of ABI 1's");
    if (!is_utf8(said.selflink) || said.selflink.size() > max_selflink) return refused("its selflink is not UTF-8, or too long");
    success.outcome = said.outcome;
    success.selflink = std::move(said.selflink);
    if (verb == Verb::remove) return success;
    if (said.object.empty()) return refused("it succeeded without an object");
    auto object = parse(said.object);
    if (!object) return refused("its object is not JSON (" + object.error().message + ")");
    if (!is_finite(*object)) return refused("its object has a number that is too large for JSON's readers");
    if (const std::string wrong = wrong_shape(verb, *object); !wrong.empty()) return refused(wrong);
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

// The driver's own codes are internal to everybody else; the number goes on in the details.
void set_code(Failure &failure, std::int32_t code) {
    if (code < RSF_DRIVER_CODES) {
        failure.code = static_cast<Code>(code);
        return;
    }
    failure.code = Code::internal;
    json::object details{{"driver_code", code}};
    if (!failure.details.is_null()) details.emplace("details", std::move(failure.details));
    failure.details = std::move(details);
}

bool is_known(std::int32_t code) { return (code >= RSF_NOT_FOUND && code <= RSF_INTERNAL) || code >= RSF_DRIVER_CODES; }

} // namespace

Failure broken(std::string_view driver, std::string_view during, std::string_view what) {
    Failure failure;
    failure.message = "the driver '" + std::string(driver) + "' broke the driver ABI in " + std::string(during) + ": " +
                      std::string(what) + "; tell its vendor";
    return failure;
}

Failure judge_failure(const Said::Failure &said, std::string_view during, std::string_view driver,
                      const std::vector<std::string> &secrets) {
    if (!is_utf8(said.message)) return broken(driver, during, "the message of its failure is not UTF-8");
    if (said.message.empty())
        return broken(driver, during, "it failed with code " + std::to_string(said.code) + " and no message");
    Failure failure;
    // A first cut bounds the search, a second one the answer: between them a secret on the edge is found whole.
    failure.message = cut(without_secrets(cut(said.message, 4 * max_message), secrets), max_message);
    if (!is_known(said.code))
        return broken(driver, during,
                      "it failed with code " + std::to_string(said.code) +
                          ", which is none of ABI 1's, and said: " + failure.message);
    if (!said.details.empty()) {
        auto details = parse(said.details);
        if (!details || !is_finite(*details))
            return broken(driver, during, "the details of its failure are not JSON; it said: " + failure.message);
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
    if (ok == nullptr || !ok->is_bool() || !is_finite(*said)) return refused("what it said is no object with \"ok\"");
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

Answer judge(Said said, Verb verb, std::string_view driver, const std::vector<std::string> &secrets, std::string_view during) {
    if (during.empty()) during = to_string(verb);
    if (const std::string wrong = no_answer(said, secrets); !wrong.empty()) return broken(driver, during, wrong);
    if (auto *result = std::get_if<Said::Result>(&said.first)) return judge_result(*result, verb, driver, during);
    return judge_failure(std::get<Said::Failure>(said.first), during, driver, secrets);
}

Said said_of(const Answer &answer) {
    Said said;
    said.answers = 1;
    const auto text = [](const json::value &value) { return value.is_null() ? std::string() : json::serialize(value); };
    if (answer) {
        said.first = Said::Result{answer->outcome, text(answer->object), answer->selflink};
    } else {
        const Failure &failure = answer.error();
        const std::int32_t retry = failure.retry == Failure::Retry::never   ? RSF_RETRY_NEVER
                                   : failure.retry == Failure::Retry::later ? RSF_RETRY_LATER
                                                                            : RSF_RETRY_UNKNOWN;
        said.first = Said::Failure{static_cast<std::int32_t>(failure.code), failure.message, retry, failure.retry_after.count(),
                                   text(failure.details)};
    }
    return said;
}

Said refused(Code code, std::string message) {
    return said_of(Failure{code, std::move(message), Failure::Retry::never, {}, nullptr});
}

Said call_is_over() { return refused(Code::cancelled, "the call during which another target was to be asked is over"); }

} // namespace rsf::daemon
