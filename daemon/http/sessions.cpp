// SPDX-License-Identifier: Apache-2.0
#include "http/sessions.hpp"

#include "http/session.hpp"

#include <algorithm>
#include <ranges>

namespace rsf::http {

namespace {

// A look at thousands of connections takes some tenths of a millisecond: it finds many at once, or is not repeated for a while.
constexpr std::size_t most_candidates = 256;
constexpr std::chrono::milliseconds between_looks{50};

// Ordinary clients send a head at once, and do not stop in a body or an answer.
constexpr std::chrono::seconds patience{1};

} // namespace

Sessions::Admission Sessions::admit(std::size_t limit) {
    {
        const std::lock_guard lock(mutex_);
        bool displaced = false;
        while (ordinary_taken_ >= limit && displace_ordinary()) displaced = true;
        if (ordinary_taken_ < limit) {
            ++ordinary_taken_;
            return {true, Seat::ordinary, displaced};
        }
    }
    return admit_to_reserve();
}

Sessions::Admission Sessions::admit_to_reserve() {
    const std::lock_guard lock(mutex_);
    const bool displaced = reserved_taken_ >= reserve;
    if (displaced && !displace_reserved()) return {};
    ++reserved_taken_;
    return {true, Seat::reserve, displaced};
}

bool Sessions::drop_from_reserve() {
    const std::lock_guard lock(mutex_);
    return displace_reserved();
}

std::size_t Sessions::shrink(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    nobody_waited_at_ = {};
    std::size_t closed = 0;
    while (ordinary_taken_ > limit && displace_ordinary()) ++closed;
    return closed;
}

bool Sessions::shrink_by(const Session &session, std::size_t limit) {
    if (ordinary_taken_.load(std::memory_order_relaxed) <= limit) return false; // nearly always, and without the lock
    const std::lock_guard lock(mutex_);
    if (ordinary_taken_ <= limit || !claim(ordinary_, {&session, session.waiting().look()})) return false;
    --ordinary_taken_;
    return true;
}

void Sessions::add(const std::shared_ptr<Session> &session) {
    const std::lock_guard lock(mutex_);
    (session->is_reserved() ? reserved_ : ordinary_).emplace(session.get(), session);
}

void Sessions::remove(const Session *session) { give_back(session->is_reserved() ? Seat::reserve : Seat::ordinary, session); }

void Sessions::give_back(Seat seat, const Session *session) {
    const std::lock_guard lock(mutex_);
    const bool is_reserved = seat != Seat::ordinary;
    (is_reserved ? reserved_ : ordinary_).erase(session);
    if (session && session->is_claimed()) return;
    if (is_reserved)
        --reserved_taken_;
    else
        --ordinary_taken_;
}

std::vector<std::shared_ptr<Session>> Sessions::all() const {
    std::vector<std::shared_ptr<Session>> list;
    const std::lock_guard lock(mutex_);
    for (const Map *some : {&ordinary_, &reserved_})
        for (const auto &[key, session] : *some)
            if (auto alive = session.lock()) list.push_back(std::move(alive));
    return list;
}

std::size_t Sessions::count() const {
    const std::lock_guard lock(mutex_);
    return ordinary_.size() + reserved_.size();
}

bool Sessions::displace_ordinary() {
    // Those that are slow make place only when none is idle, as it was when they were found.
    if (!candidates_.empty() && candidates_.back().seen.what() != Waiting::For::request &&
        Clock::now() - looked_at_ >= between_looks)
        candidates_.clear();
    for (int look = 0; look < 2; ++look) {
        while (!candidates_.empty()) {
            const Candidate candidate = candidates_.back();
            candidates_.pop_back();
            if (!claim(ordinary_, candidate)) continue;
            --ordinary_taken_;
            return true;
        }
        const auto now = Clock::now();
        if (now - nobody_waited_at_ < between_looks) return false;
        look_for_candidates(now);
        if (candidates_.empty()) nobody_waited_at_ = now;
    }
    return false;
}

void Sessions::look_for_candidates(Clock::time_point now) {
    looked_at_ = now;
    for (const auto &[session, alive] : ordinary_) {
        const Waiting::Seen seen = session->waiting().look();
        if (!seen.waits() || (seen.what() != Waiting::For::request && now - seen.since() < patience)) continue;
        candidates_.push_back({session, seen});
    }
    // Those that wait for a request come before those that have begun one, and these before those that are in the midst of it.
    const auto goes_later = [](const Candidate &a, const Candidate &b) {
        if (a.seen.what() != b.seen.what()) return a.seen.what() > b.seen.what();
        return a.seen.since() > b.seen.since();
    };
    std::ranges::sort(candidates_, goes_later);
    if (candidates_.size() > most_candidates)
        candidates_.erase(candidates_.begin(), candidates_.end() - static_cast<std::ptrdiff_t>(most_candidates));
}

bool Sessions::displace_reserved() {
    Candidate oldest{};
    const auto now = Clock::now();
    for (const auto &[session, alive] : reserved_) {
        const Waiting::Seen seen = session->waiting().look();
        if (seen.waits() && seen.what() == Waiting::For::transfer && now - seen.since() < patience)
            continue; // has its answer soon
        if (seen.waits() && (!oldest.session || seen.since() < oldest.seen.since())) oldest = {session, seen};
    }
    if (!oldest.session || !claim(reserved_, oldest)) return false;
    --reserved_taken_;
    return true;
}

bool Sessions::claim(const Map &among, const Candidate &candidate) const {
    const auto found = among.find(candidate.session);
    if (found == among.end()) return false;
    const std::shared_ptr<Session> session = found->second.lock();
    return session && session->make_place(candidate.seen);
}

} // namespace rsf::http
