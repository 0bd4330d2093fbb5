// SPDX-License-Identifier: Apache-2.0
#include "call_checks.hpp"

#include <algorithm>

namespace rsf::check {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t warm_up = 300; // the fake host keeps its last 256 calls
constexpr std::size_t most_calls = 1000;
constexpr std::size_t fewest_calls = 20;
constexpr std::chrono::seconds longest{10}; // for each of the two loops, unless fewest_calls takes longer
constexpr std::size_t most_heap = 256;      // bytes for each call: less may be a table that grows

constexpr std::size_t free_pages = std::size_t{8} * 1024 * 1024; // bytes by which a process may grow without a leak

// Runs as many rounds as fit into longest, up to most.
template <class Round> std::size_t repeat(std::size_t most, Round round) {
    const Clock::time_point until = Clock::now() + longest;
    std::size_t done = 0;
    while (done < most && (done < fewest_calls || Clock::now() < until)) {
        round();
        ++done;
    }
    return done;
}

std::size_t bytes_of_log(Subject &subject) {
    std::size_t bytes = 0;
    for (const FakeLine &line : subject.host().log())
        bytes += sizeof line * 2 + line.message.capacity() + line.request_id.capacity();
    return bytes;
}

void compare(const char *what, std::size_t before, std::size_t after, std::size_t calls) {
    // A pool may grow by some; a leak grows with the calls.
    need(after <= before || after - before < std::max<std::size_t>(calls / 4, 3),
         std::to_string(calls) + " rounds of calls left " + std::to_string(after - before) + " " + what + " behind");
}

// What malloc does not count: mmap, shared memory. A page is the least that a leak of these takes. The heap of the C library
// is in it too, and may grow by some megabytes without a leak: arenas, and space that is free again.
void compare_pages(const Holdings &before, const Holdings &after, std::size_t log, std::size_t calls) {
    const std::size_t margin = most_heap * calls + 2 * log + free_pages;
    if (after.pages <= before.pages + margin) return;
    throw Failed("each round of calls leaves " + std::to_string((after.pages - before.pages) / calls) +
                 " bytes of memory in the process, as mappings or shared memory do");
}

} // namespace

void leaves_nothing(Subject &subject) {
    const bool makes = subject.offers(RSF_CREATE) && subject.offers(RSF_DELETE);
    const auto round = [&] {
        if (makes) subject.perform(RSF_CREATE, "calls");
        if (subject.offers(RSF_GET)) {
            subject.perform(RSF_GET, "calls");
            subject.perform(RSF_GET, "calls-absent");
        }
        if (subject.offers(RSF_LIST)) subject.perform(RSF_LIST, "");
        if (makes) subject.perform(RSF_DELETE, "calls");
    };
    const bool is_warm = repeat(warm_up, round) == warm_up;
    const Holdings before = Holdings::of_this_process();
    const std::size_t log_before = bytes_of_log(subject);
    const std::size_t calls = repeat(most_calls, round);
    const std::size_t log = bytes_of_log(subject) - log_before;
    const Holdings after = Holdings::settled(before);
    compare("descriptors", before.descriptors, after.descriptors, calls);
    compare("threads", before.threads, after.threads, calls);
    compare("processes", before.children, after.children, calls);
    compare_pages(before, after, log, calls);
    if (!is_warm || after.heap <= before.heap + log) return; // what the fake host keeps would be taken for a leak
    const std::size_t each = (after.heap - before.heap - log) / calls;
    need(each < most_heap, "each round of calls leaves " + std::to_string(each) + " bytes of memory");
}

void leaves_surroundings(Subject &subject) {
    for (const std::uint32_t verb : {RSF_LIST, RSF_GET, RSF_CREATE, RSF_REPLACE, RSF_APPLY, RSF_DELETE})
        if (subject.offers(verb)) subject.perform(verb, "surroundings");
    const auto check = [&](const char *when) {
        const std::string difference = Surroundings::of_this_process().difference_to(subject.before());
        need(difference.empty(), "it changes " + difference + " of the process and has not restored it " + when);
    };
    check("after its calls");
    subject.end();
    check("after destroy");
}

} // namespace rsf::check
