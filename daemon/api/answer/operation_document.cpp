// SPDX-License-Identifier: Apache-2.0
#include "api/answer/operation_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::api {

namespace json = boost::json;

namespace {

void put(json::object &into, std::string_view key, const std::string &text) {
    if (!text.empty()) into[key] = text;
}

void put(json::object &into, std::string_view key, const std::optional<store::Time> &time) {
    if (time) into[key] = time_text(*time);
}

json::object caller_document(const base::Caller &caller) {
    json::object document;
    put(document, "name", caller.name);
    if (!caller.groups.empty()) document["groups"] = json::array(caller.groups.begin(), caller.groups.end());
    put(document, "address", caller.address);
    return document;
}

// Reads digits from the beginning of a text.
class Digits {
  public:
    explicit Digits(std::string_view text) : rest_(text) {}

    int number(std::size_t length) {
        int value = 0;
        if (rest_.size() < length) return fail();
        for (const char c : rest_.substr(0, length)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(length);
        return value;
    }
    void skip(char wanted) {
        if (rest_.empty() || rest_[0] != wanted)
            fail();
        else
            rest_.remove_prefix(1);
    }
    // The milliseconds of a fraction, if one comes; further digits do not count.
    int fraction() {
        if (!rest_.starts_with('.')) return 0;
        rest_.remove_prefix(1);
        const std::size_t length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (length == 0 || length > 9) return fail();
        std::string digits(rest_.substr(0, 3));
        digits.resize(3, '0');
        if (length < 3) digits = std::string(rest_.substr(0, length)) + std::string(3 - length, '0');
        rest_.remove_prefix(length);
        return Digits(digits).number(3);
    }
    std::chrono::minutes offset() {
        if (rest_.starts_with('Z') || rest_.starts_with('z')) return rest_.remove_prefix(1), std::chrono::minutes(0);
        const bool is_behind = rest_.starts_with('-');
        skip(is_behind ? '-' : '+');
        const int hours = number(2);
        skip(':');
        const int minutes = number(2);
        if (hours > 23 || minutes > 59) fail();
        return std::chrono::minutes((is_behind ? -1 : 1) * (hours * 60 + minutes));
    }
    bool is_done() const { return !has_failed_ && rest_.empty(); }

  private:
    int fail() {
        has_failed_ = true;
        return 0;
    }
    std::string_view rest_;
    bool has_failed_ = false;
};

} // namespace

std::string time_text(store::Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<store::Time> read_time(std::string_view text) {
    Digits digits(text);
    const int year = digits.number(4);
    digits.skip('-');
    const auto month = static_cast<unsigned>(digits.number(2));
    digits.skip('-');
    const auto day = static_cast<unsigned>(digits.number(2));
    digits.skip(text.size() > 10 && text[10] == 't' ? 't' : 'T');
    const int hours = digits.number(2);
    digits.skip(':');
    const int minutes = digits.number(2);
    digits.skip(':');
    const int seconds = digits.number(2);
    const int milliseconds = digits.fraction();
    const std::chrono::minutes offset = digits.offset();
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!digits.is_done() || !date.ok() || hours > 23 || minutes > 59 || seconds > 60) return std::nullopt;
    return store::Time(std::chrono::sys_days(date)) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(seconds) + std::chrono::milliseconds(milliseconds) - offset;
}

json::object step_document(const store::Step &step) {
    json::object object;
    put(object, "group", step.object.group);
    put(object, "kind", step.object.kind);
    put(object, "namespace", step.object.ns);
    put(object, "name", step.object.name);
    json::object document{{"name", step.name}, {"type", step.type}, {"object", std::move(object)}, {"status", step.status}};
    for (const auto &[key, texts] : {std::pair("errors", &step.errors), std::pair("warnings", &step.warnings)})
        if (!texts->empty()) document[key] = json::array(texts->begin(), texts->end());
    put(document, "code", step.code);
    put(document, "selflink", step.selflink);
    put(document, "started", step.started);
    put(document, "ended", step.ended);
    return document;
}

json::object operation_document(const store::Summary &operation, const std::optional<operations::QueuePlace> &queue) {
    json::object document{{"id", operation.id},
                          {"kind", operation.kind},
                          {"state", word_of(operation.state)},
                          {"target", operation.target},
                          {"verb", operation.verb}};
    if (operation.verb != "delete") document["strategy"] = operation.verb == "apply" ? "apply" : "create-replace";
    put(document, "namespace", operation.ns);
    document["caller"] = caller_document(operation.caller);
    put(document, "request_id", operation.request_id);
    put(document, "reason", operation.reason);
    put(document, "created", std::optional(operation.created));
    put(document, "started", operation.started);
    put(document, "ended", operation.ended);
    if (!operation.failure.empty()) {
        document["failure"] = operation.failure;
        document["code"] = operation.code;
    }
    if (queue) {
        document["position"] = queue->position;
        put(document, "behind", queue->behind);
    }
    document["count"] = operation.resources;
    if (is_final(operation.state)) document["failed"] = operation.failed;
    return document;
}

json::object operation_document(const store::Operation &operation, const std::optional<operations::QueuePlace> &queue) {
    json::object document = operation_document(static_cast<const store::Summary &>(operation), queue);
    json::array resources;
    resources.reserve(operation.steps.size());
    for (const store::Step &step : operation.steps) resources.push_back(step_document(step));
    document["resources"] = std::move(resources);
    return document;
}

} // namespace rsf::api
