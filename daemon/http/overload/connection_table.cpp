// SPDX-License-Identifier: Apache-2.0
#include "http/overload/connection_table.hpp"

#include "http/connection/connection.hpp"

#include <algorithm>
#include <ranges>

namespace rsf::http {

namespace {

// A scan of thousands of connections takes some tenths of a millisecond: it collects many candidates at once, and is not repeated
// for a while when it finds none.
constexpr std::size_t most_candidates = 256;
constexpr std::chrono::milliseconds between_scans{50};

// A client that is silent for longer within a head, a body or an answer counts as slow; ordinary ones are not.
constexpr std::chrono::seconds slow_after{1};

} // namespace

ConnectionTable::Admission ConnectionTable::admit(std::size_t limit) {
    {
        const shared::Lock lock(mutex_);
        bool evicted = false;
        while (ordinary_taken_ >= limit && evict_ordinary()) evicted = true;
        if (ordinary_taken_ < limit) {
            ++ordinary_taken_;
            return {true, Seat::ordinary, evicted};
        }
    }
    return admit_to_reserve();
}

ConnectionTable::Admission ConnectionTable::admit_to_reserve() {
    const shared::Lock lock(mutex_);
    const bool evicted = reserved_taken_ >= reserve;
    if (evicted && !evict_reserved()) return {};
    ++reserved_taken_;
    return {true, Seat::reserve, evicted};
}

bool ConnectionTable::drop_from_reserve() {
    const shared::Lock lock(mutex_);
    return evict_reserved();
}

std::size_t ConnectionTable::shrink(std::size_t limit) {
    const shared::Lock lock(mutex_);
    none_found_at_ = {};
    std::size_t closed = 0;
    while (ordinary_taken_ > limit && evict_ordinary()) ++closed;
    return closed;
}

bool ConnectionTable::shrink_by(const Connection &connection, std::size_t limit) {
    if (ordinary_taken_.load(std::memory_order_relaxed) <= limit) return false; // nearly always, and without the lock
    const shared::Lock lock(mutex_);
    if (ordinary_taken_ <= limit || !claim(ordinary_, {&connection, connection.waiting().state()})) return false;
    --ordinary_taken_;
    return true;
}

void ConnectionTable::add(const std::shared_ptr<Connection> &connection) {
    const shared::Lock lock(mutex_);
    (connection->is_reserved() ? reserved_ : ordinary_).emplace(connection.get(), connection);
}

void ConnectionTable::remove(const Connection *connection) {
    give_back(connection->is_reserved() ? Seat::reserve : Seat::ordinary, connection);
}

void ConnectionTable::give_back(Seat seat, const Connection *connection) {
    const shared::Lock lock(mutex_);
    const bool is_reserved = seat != Seat::ordinary;
    (is_reserved ? reserved_ : ordinary_).erase(connection);
    if (connection && connection->is_claimed()) return;
    if (is_reserved)
        --reserved_taken_;
    else
        --ordinary_taken_;
}

std::vector<std::shared_ptr<Connection>> ConnectionTable::all() const {
    std::vector<std::shared_ptr<Connection>> list;
    const shared::Lock lock(mutex_);
    for (const Map *some : {&ordinary_, &reserved_})
        for (const auto &[key, connection] : *some)
            if (auto alive = connection.lock()) list.push_back(std::move(alive));
    return list;
}

std::size_t ConnectionTable::count() const {
    const shared::Lock lock(mutex_);
    return ordinary_.size() + reserved_.size();
}

bool ConnectionTable::evict_ordinary() {
    // Slow clients are evicted only when no connection is idle, which held when these candidates were collected.
    if (!candidates_.empty() && candidates_.back().seen.what() != Waiting::For::request &&
        Clock::now() - scanned_at_ >= between_scans)
        candidates_.clear();
    for (int scan = 0; scan < 2; ++scan) {
        while (!candidates_.empty()) {
            const Candidate candidate = candidates_.back();
            candidates_.pop_back();
            if (!claim(ordinary_, candidate)) continue;
            --ordinary_taken_;
            return true;
        }
        const auto now = Clock::now();
        if (now - none_found_at_ < between_scans) return false;
        find_candidates(now);
        if (candidates_.empty()) none_found_at_ = now;
    }
    return false;
}

void ConnectionTable::find_candidates(Clock::time_point now) {
    scanned_at_ = now;
    for (const auto &[connection, alive] : ordinary_) {
        const Waiting::Seen seen = connection->waiting().state();
        if (!seen.waits() || (seen.what() != Waiting::For::request && now - seen.since() < slow_after)) continue;
        candidates_.push_back({connection, seen});
    }
    // Those that wait for a request come before those that have begun one, and these before those in a body or an answer.
    const auto goes_later = [](const Candidate &a, const Candidate &b) {
        if (a.seen.what() != b.seen.what()) return a.seen.what() > b.seen.what();
        return a.seen.since() > b.seen.since();
    };
    std::ranges::sort(candidates_, goes_later);
    if (candidates_.size() > most_candidates)
        candidates_.erase(candidates_.begin(), candidates_.end() - static_cast<std::ptrdiff_t>(most_candidates));
}

bool ConnectionTable::evict_reserved() {
    Candidate oldest{};
    const auto now = Clock::now();
    for (const auto &[connection, alive] : reserved_) {
        const Waiting::Seen seen = connection->waiting().state();
        if (seen.waits() && seen.what() == Waiting::For::transfer && now - seen.since() < slow_after)
            continue; // will have its answer soon
        if (seen.waits() && (!oldest.connection || seen.since() < oldest.seen.since())) oldest = {connection, seen};
    }
    if (!oldest.connection || !claim(reserved_, oldest)) return false;
    --reserved_taken_;
    return true;
}

bool ConnectionTable::claim(const Map &among, const Candidate &candidate) const {
    const auto found = among.find(candidate.connection);
    if (found == among.end()) return false;
    const std::shared_ptr<Connection> connection = found->second.lock();
    return connection && connection->evict(candidate.seen);
}

} // namespace rsf::http
