// SPDX-License-Identifier: Apache-2.0
#include "run/settlement.hpp"

#include "masking/base64.hpp"
#include "masking/json_members.hpp"
#include "run/live_objects.hpp"

#include <resourcifier/extensions.h>
#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
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

} // namespace

bool is_as_posted(const json::value &posted, const json::value &live) {
    if (posted.is_object()) {
        if (!live.is_object()) return posted.get_object().empty() && live.is_null();
        return std::ranges::all_of(posted.get_object(), [&](const auto &member) {
            const json::value *found = live.get_object().if_contains(member.key());
            // A cluster drops members that are null, and lists and mappings without anything in them.
            const bool is_nothing = member.value().is_null() ||
                                    (member.value().is_object() && member.value().get_object().empty()) ||
                                    (member.value().is_array() && member.value().get_array().empty());
            return found ? is_as_posted(member.value(), *found) : is_nothing;
        });
    }
    if (posted.is_array()) {
        if (!live.is_array() || posted.get_array().size() != live.get_array().size()) return false;
        return std::ranges::equal(posted.get_array(), live.get_array(), is_as_posted);
    }
    if (posted.is_number() && live.is_number()) return posted.to_number<double>() == live.to_number<double>();
    return posted == live;
}

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
        drivers::Settled told = driver.settle(write);
        if (told && told->how != How::unknown) return {told->how, drivers::Success{std::move(told->object), 0, {}}};
        if (told) return {How::unknown, {}, std::move(told->reason)};
        if (told.error().code != Code::unsupported) return {How::unknown, {}, "the driver can't tell: " + told.error().message};
    }
    const json::value parsed = json_value(write.object);
    const json::object posted = parsed.is_object() ? as_kept(parsed.get_object()) : json::object();
    auto live = read_patiently(driver, resource, write, posted);
    const bool deletes = write.verb == drivers::Verb::remove;
    if (!live && live.error().code == Code::not_found) return {deletes ? How::done : How::not_done};
    if (!live) return {How::unknown, {}, "the object can't be read: " + live.error().message};
    if (deletes) return {How::not_done};
    if (is_as_posted(posted, live->object))
        return {How::done, drivers::Success{std::move(live->object), 0, std::move(live->selflink)}};
    if (write.verb != drivers::Verb::create) return {How::not_done};
    return {
        How::unknown,
        {},
        "an object of that name is there, but it is not as it was to be created: another client may have made it, or changed it "
        "since"};
}

} // namespace rsf::run
