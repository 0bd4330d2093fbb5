// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/settling.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/api/bodies/apply_body.hpp"
#include "kubectl/api/bodies/managed_fields.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/text/time_text.hpp"
#include "shared/posted_object.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace rsf::kubectl::api {

namespace {

constexpr std::int64_t second = 1000;

// When something was that has a time in whole seconds, as against a span in which the operation began.
enum class When { before, about, since, not_known };

When when(std::string_view time, const std::optional<TimeSpan> &began) {
    const std::optional<std::int64_t> seconds = text::read_time(time);
    if (!seconds || !began) return When::not_known;
    if ((*seconds + 1) * second <= began->from) return When::before;
    return *seconds * second >= began->until ? When::since : When::about;
}

// The fields that a manager wrote, and when it did that last.
struct Written {
    bool any = false;
    std::string time;
    json::object updated; // by updates, which applies are not
};

Written written_by(std::string_view manager, const json::object &live) {
    Written written;
    for_each_entry(live, [&](const json::object &entry, const json::object &fields) {
        if (!is_of(entry, {manager})) return;
        written.any = true;
        written.time = std::max(written.time, std::string(text::text_at(entry, "time"))); // they sort as texts
        if (text::text_at(entry, "operation") == "Update") unite(written.updated, fields);
    });
    return written;
}

class Case {
  public:
    Case(const Call &call, const Posted &posted, const json::object &live, const std::optional<TimeSpan> &began,
         std::string_view manager, bool pins)
        : call_(call), posted_(posted), live_(live), created_(when(text::metadata_text(live, "creationTimestamp"), began)),
          written_(written_by(manager, live)), last_written_(when(written_.time, began)), pins_(pins) {}

    Settlement create() const {
        if (created_ == When::before) return not_done(); // it will be refused truthfully: the object exists
        if (!written_.any)
            return unknown(created_ == When::since ? "was made since, by another client" : "is there, made by another client",
                           "this one's may have come before it and gone");
        if (created_ == When::since || (created_ == When::about && is_as_posted())) return done(Outcome::created);
        return unknown("is there", "it may have been there before the operation began");
    }

    Settlement remove() const {
        const std::string_view uid = text::metadata_text(posted_.object, "uid"), its = text::metadata_text(live_, "uid");
        const bool is_another = created_ == When::since || (!uid.empty() && !its.empty() && uid != its);
        if (is_another) return done_with("Another object was made under its name since.");
        if (!text::metadata_text(live_, "deletionTimestamp").empty())
            return done_with("The object is being deleted, and is not gone yet.");
        if (created_ == When::before || (!uid.empty() && uid == its)) return not_done();
        return unknown("is there", "it may be the one that was to be deleted, or one that was made since");
    }

    Settlement change() const {
        const bool was_written = last_written_ == When::since || last_written_ == When::about;
        if (is_as_posted() && (was_written || holds_no_more())) return done(outcome());
        if (last_written_ == When::since)
            return unknown("was written since the operation began by this driver's field manager",
                           "it is not as it was to be: another client may have changed it since");
        return not_done();
    }

  private:
    Outcome outcome() const {
        if (call_.verb() == RSF_REPLACE) return Outcome::changed;
        return created_ == When::since ? Outcome::created : Outcome::changed;
    }

    // But for what only servers write.
    bool is_as_posted() const { return shared::is_as_posted(apply_body(posted_.object, true), live_); }

    // Whether a replace by what was posted would take none of this driver's fields out of the object. Fields that the cluster
    // fills in when it takes an object count as the writer's, so that it may say no where it would be yes.
    bool holds_no_more() const {
        if (call_.verb() != RSF_REPLACE) return true;
        json::object filled = apply_body(posted_.object, true);
        const json::object before = filled;
        fill_in(written_.updated, live_, filled);
        return filled == before;
    }

    Settlement done(Outcome outcome) const {
        Settlement settlement = Settlement::done(live_, revision(), outcome);
        settlement.selflink = api_path(live_);
        return settlement;
    }
    Settlement done_with(const char *warning) const {
        Settlement settlement = Settlement::done();
        settlement.warnings.emplace_back(warning);
        return settlement;
    }
    // An object that names its own version is bound to that.
    Settlement not_done() const {
        const bool binds = pins_ && call_.verb() != RSF_CREATE && text::metadata_text(posted_.object, "resourceVersion").empty();
        return Settlement::not_done(binds ? revision() : std::string());
    }
    Settlement unknown(const std::string &seen, const std::string &so) const {
        return Settlement::unknown(
            "An object of that name " + seen + " (made at " + std::string(text::metadata_text(live_, "creationTimestamp")) +
            (written_.time.empty() ? "" : ", last written by this driver at " + written_.time) + "): " + so + ".");
    }
    std::string revision() const { return std::string(text::metadata_text(live_, "resourceVersion")); }

    const Call &call_;
    const Posted &posted_;
    const json::object &live_;
    const When created_;
    const Written written_;
    const When last_written_;
    const bool pins_;
};

} // namespace

std::int64_t clock_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// The cluster wrote date at a moment between before and after, and cut off the rest of its second.
std::optional<TimeSpan> began_by_cluster(const Call &call, const ClockReading &clock) {
    const std::int64_t began = call.began_ms();
    if (began <= 0 || !clock.date) return std::nullopt;
    const std::int64_t date = *clock.date * second;
    return TimeSpan{began + date - clock.after, began + date + second - clock.before};
}

Settlement settlement_of(const Call &call, const Posted &posted, const json::object *live, const std::optional<TimeSpan> &began,
                         std::string_view manager, bool pins) {
    if (!live) return call.verb() == RSF_DELETE ? Settlement::done() : Settlement::not_done();
    const Case one(call, posted, *live, began, manager, pins);
    switch (call.verb()) {
    case RSF_CREATE: return one.create();
    case RSF_DELETE: return one.remove();
    default: return one.change();
    }
}

} // namespace rsf::kubectl::api
