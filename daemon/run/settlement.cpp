// SPDX-License-Identifier: Apache-2.0
#include "run/settlement.hpp"

#include "masking/base64.hpp"
#include "masking/json_members.hpp"
#include "run/live_objects.hpp"
#include "shared/posted_object.hpp"

#include <resourcifier/extensions.h>
#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <utility>

namespace rsf::run {

namespace {

namespace json = boost::json;
using How = drivers::Settlement::How;
using masking::text_at;

constexpr std::chrono::milliseconds time_between_looks(500);

// What clusters turn into other members when they take the object.
json::object as_kept(json::object posted) {
    posted.erase("status");
    if (json::value *metadata = posted.if_contains("metadata"); metadata && metadata->is_object())
        for (const char *key : {"resourceVersion", "uid", "creationTimestamp", "managedFields", "generation"})
            metadata->get_object().erase(key);
    json::value *texts = text_at(posted, "kind") == "Secret" ? posted.if_contains("stringData") : nullptr;
    if (!texts || !texts->is_object()) return posted;
    const json::object plain = std::move(texts->get_object());
    posted.erase("stringData");
    json::value &data = posted["data"];
    if (!data.is_object()) data = json::object();
    for (const auto &member : plain)
        if (member.value().is_string()) data.get_object()[member.key()] = masking::encode_base64(member.value().get_string());
    return posted;
}

// Waits, unless the call is to end before.
void rest(const drivers::Call &call) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait_until(lock, call.stop, std::min(call.deadline, std::chrono::steady_clock::now() + time_between_looks),
                       [] { return false; });
}

// Again and again while the cluster, or a driver process that has just been started again, does not answer.
drivers::Settled ask_patiently(drivers::Driver &driver, const drivers::Call &write) {
    for (;;) {
        drivers::Settled told = driver.settle(write);
        // It changes nothing: one whose answer is lost, as when its driver's process ends, is asked again.
        const bool is_again = !told && (told.error().code == Code::unavailable || told.error().code == Code::timeout ||
                                        told.error().effect == drivers::Failure::Effect::unknown);
        if (!is_again) return told;
        rest(write);
        if (write.stop.stop_requested() || std::chrono::steady_clock::now() >= write.deadline) return told;
    }
}

Settled as_told(drivers::Settlement told) {
    drivers::Success live;
    live.object = std::move(told.object);
    live.outcome = told.outcome;
    live.selflink = std::move(told.selflink);
    live.counted = told.counted;
    live.revision = told.revision;
    live.warnings = std::move(told.warnings);
    return {told.how, std::move(live), std::move(told.reason), std::move(told.revision)};
}

// Nobody wrote down who made the object. Only of a write that sets an object's state, and may be done twice, does that not
// matter.
Settled by_comparison(drivers::Verb verb, bool is_as_posted, graph::LiveObject live) {
    const auto unknown = [](const char *why) { return Settled{How::unknown, {}, why}; };
    if (verb == drivers::Verb::remove)
        return unknown("an object of that name is there: it may be the one that was to be deleted, or one that another client "
                       "made since; look at it, and delete it again if it is to go");
    if (verb == drivers::Verb::create)
        return unknown(is_as_posted ? "an object as it was to be created is there: this operation may have made it, or it may "
                                      "have been there before; the driver can't tell"
                                    : "an object of that name is there, but it is not as it was to be created: another client "
                                      "may have made it, or changed it since");
    if (!is_as_posted) return {How::not_done, {}, {}, std::move(live.revision)};
    drivers::Success success{std::move(live.object), 0, std::move(live.selflink)};
    success.revision = std::move(live.revision);
    return {How::done, std::move(success)};
}

} // namespace

Result<graph::LiveObject> read_patiently(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write,
                                         const json::object &properties) {
    const graph::ReadLive read = reader_of_live(driver, {write.ns, write.request_id, write.deadline, write.stop});
    for (;;) {
        Result<graph::LiveObject> live = read(resource, properties);
        if (live) return live;
        if (live.error().code == Code::invalid) return not_found(std::move(live.error().message)); // it can't be there
        if (live.error().code == Code::not_found || live.error().code == Code::unsupported) return live;
        rest(write);
        if (write.stop.stop_requested() || std::chrono::steady_clock::now() >= write.deadline) return live;
    }
}

Settled settle(drivers::Driver &driver, const parse::Resource &resource, const drivers::Call &write) {
    if (driver.offers(RSF_EXT_SETTLE)) {
        drivers::Settled told = ask_patiently(driver, write);
        if (told) return as_told(std::move(*told));
        if (told.error().code != Code::unsupported) return {How::unknown, {}, "the driver can't tell: " + told.error().message};
    }
    const json::value parsed = json_value(write.object);
    const json::object posted = parsed.is_object() ? as_kept(parsed.get_object()) : json::object();
    auto live = read_patiently(driver, resource, write, posted);
    const bool deletes = write.verb == drivers::Verb::remove;
    if (!live && live.error().code == Code::not_found) return {deletes ? How::done : How::not_done};
    if (!live) return {How::unknown, {}, "the object can't be read: " + live.error().message};
    const bool is_same = shared::is_as_posted(posted, live->object); // before it is moved
    return by_comparison(write.verb, is_same, std::move(*live));
}

void add_sentence(drivers::Failure &failure, std::string_view sentence, std::string_view rest) noexcept try {
    std::string message = failure.message;
    if (message.ends_with('.')) message.pop_back();
    message.append(". ").append(sentence).append(rest);
    if (!message.ends_with('.')) message += '.';
    failure.message = std::move(message);
} catch (const std::bad_alloc &) { // the failure as it was is better than none
}

} // namespace rsf::run
