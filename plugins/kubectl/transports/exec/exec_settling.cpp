// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done, by processes: one kubectl reads the object, and one asks what time it is for the cluster.
#include "kubectl/transports/exec/exec_writes.hpp"

#include "kubectl/api/settling.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/time_text.hpp"

namespace rsf::kubectl::transports {

namespace {

// Of the headers that kubectl logs: "I1201 05:27:28.925232   30537 round_trippers.go:454]     Date: Tue, 01 Dec 2026 ...", or a
// line that has nothing before the name but a tab.
std::optional<std::int64_t> date_in(std::string_view log) {
    constexpr std::string_view name = "Date: ";
    while (!log.empty()) {
        const std::size_t end = log.find('\n'), at = log.substr(0, end).find(name);
        if (at != log.npos) {
            const std::string_view line = log.substr(0, end), before = line.substr(0, at);
            const bool is_header = before.find_first_not_of(" \t") == before.npos || before.find("] ") != before.npos;
            if (const auto date = text::read_http_date(line.substr(at + name.size())); date && is_header) return date;
        }
        log = end == log.npos ? std::string_view{} : log.substr(end + 1);
    }
    return std::nullopt;
}

} // namespace

// The log of such a request holds no secret: what it answers is the version, and kubectl masks who asks.
api::ClockReading ExecWrites::read_clock(const Call &call) const {
    api::ClockReading clock;
    clock.before = api::clock_now();
    const process::Ending ending = kubectl_.run({call, {"get", "--raw=/version", "--v=8"}});
    clock.after = api::clock_now();
    clock.date = date_in(ending.errors);
    return clock;
}

Settlement ExecWrites::settle(const Call &call) const {
    std::optional<Write> write;
    std::optional<api::Posted> posted;
    try {
        posted = call.verb() == RSF_DELETE ? api::read_deleted(call) : api::read_posted(call);
        if (posted) write = prepare(call);
    } catch (const Error &error) {
        // What the driver refuses it never sent.
        if (error.code != Code::invalid && error.code != Code::unsupported) throw;
        return Settlement::not_done();
    }
    if (!write) return call.verb() == RSF_DELETE ? Settlement::done() : Settlement::not_done();
    Found found;
    try {
        found = read_with_managers({&*write});
        if (const Error *error = write->answer ? std::get_if<Error>(&*write->answer) : nullptr) throw Error(*error);
    } catch (const Error &error) {
        if (error.code == Code::invalid || errors::is_no_such_type(error)) {
            if (call.verb() != RSF_DELETE) return Settlement::not_done();
            return Settlement::unknown("The cluster does not have the kind of the object that was to be deleted.");
        }
        if (error.code != Code::not_found) throw;
    }
    const auto live = found.find(&*write);
    if (live == found.end()) return api::settlement_of(call, *posted, nullptr, {}, {}, false);
    const api::ClockReading clock = call.began_ms() == 0 ? api::ClockReading() : read_clock(call);
    return api::settlement_of(call, *posted, &live->second.object, api::began_by_cluster(call, clock), settings_.field_manager,
                              call.verb() == RSF_REPLACE);
}

} // namespace rsf::kubectl::transports
