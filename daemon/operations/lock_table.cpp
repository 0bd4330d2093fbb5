// SPDX-License-Identifier: Apache-2.0
#include "operations/lock_table.hpp"

#include <algorithm>

namespace rsf::operations {

namespace {

// Clients write "configmap" for ConfigMap.
std::string in_lower_case(std::string text) {
    for (char &c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::array<std::string, 3> name_of(const std::string &target, const store::ObjectName &object) {
    return {target, in_lower_case(object.kind), object.name};
}

bool overlap(const std::string &one, const std::string &other) { return one.empty() || other.empty() || one == other; }

} // namespace

LockTable::Ticket LockTable::take(const std::string &target, const std::vector<store::Step> &steps) {
    const Ticket ticket = ++last_;
    Holder &holder = holders_[ticket];
    for (const store::Step &step : steps) {
        if (step.object.kind.empty() || step.object.name.empty()) continue;
        Name name = name_of(target, step.object);
        std::vector<Place> &places = places_[name];
        for (const Place &place : places)
            if (place.ticket != ticket && overlap(place.ns, step.object.ns)) holder.before.insert(place.ticket);
        places.push_back({ticket, step.object.ns});
        holder.names.push_back(std::move(name));
    }
    for (const Ticket earlier : holder.before) holders_.at(earlier).after.push_back(ticket);
    return ticket;
}

std::vector<bool> LockTable::just_written(const std::string &target, const std::vector<store::Step> &steps, Time now) const {
    std::vector<bool> were;
    were.reserve(steps.size());
    for (const store::Step &step : steps) {
        const Name name = name_of(target, step.object);
        const auto released = released_.find(name);
        were.push_back(places_.contains(name) || (released != released_.end() && now - released->second < close_together));
    }
    return were;
}

std::size_t LockTable::waits_for(Ticket ticket) const {
    const auto found = holders_.find(ticket);
    return found == holders_.end() ? 0 : found->second.before.size();
}

LockTable::Ticket LockTable::behind(Ticket ticket) const {
    const auto found = holders_.find(ticket);
    return found == holders_.end() || found->second.before.empty() ? 0 : *found->second.before.rbegin();
}

std::vector<LockTable::Ticket> LockTable::release(Ticket ticket, Time now) {
    std::vector<Ticket> next;
    for (; !releases_.empty() && now - releases_.front().first >= close_together; releases_.pop_front())
        if (const auto last = released_.find(releases_.front().second);
            last != released_.end() && last->second == releases_.front().first)
            released_.erase(last);
    const auto found = holders_.find(ticket);
    if (found == holders_.end()) return next;
    const Holder holder = std::move(found->second);
    holders_.erase(found);
    for (const Name &name : holder.names) {
        const auto places = places_.find(name);
        if (places == places_.end()) continue; // it named the object twice
        std::erase_if(places->second, [&](const Place &place) { return place.ticket == ticket; });
        if (places->second.empty()) places_.erase(places);
        released_[name] = now;
        releases_.emplace_back(now, name);
    }
    for (const Ticket earlier : holder.before) std::erase(holders_.at(earlier).after, ticket);
    for (const Ticket later : holder.after) {
        Holder &waits = holders_.at(later);
        waits.before.erase(ticket);
        if (waits.before.empty()) next.push_back(later);
    }
    std::sort(next.begin(), next.end());
    return next;
}

} // namespace rsf::operations
