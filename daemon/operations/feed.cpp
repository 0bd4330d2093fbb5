// SPDX-License-Identifier: Apache-2.0
#include "operations/feed.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::operations {

namespace {

constexpr std::size_t most_kept = 1000;

} // namespace

// Fewer than a million changes come in a millisecond.
std::uint64_t Feed::first_number() {
    const auto since_epoch = store::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch.count(), 1)) << 20U;
}

void Feed::note(store::Summary operation) {
    std::vector<std::function<void()>> listeners;
    {
        const shared::Lock lock(mutex_);
        changes_.push_back({++last_, std::move(operation)});
        if (changes_.size() > most_kept) changes_.pop_front();
        listeners = std::exchange(listeners_, {});
    }
    for (const auto &each : listeners) each();
}

Feed::News Feed::since(std::uint64_t after, std::size_t most) const {
    const shared::Lock lock(mutex_);
    News news;
    const std::uint64_t oldest = changes_.empty() ? last_ + 1 : changes_.front().number;
    news.has_gap = after + 1 < oldest || after > last_;
    if (news.has_gap) return news;
    const auto begin = changes_.begin() + static_cast<std::ptrdiff_t>(after + 1 - oldest);
    const auto count = std::min(most, static_cast<std::size_t>(changes_.end() - begin));
    news.changes.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    return news;
}

std::uint64_t Feed::last() const {
    const shared::Lock lock(mutex_);
    return last_;
}

void Feed::when_changed(std::uint64_t after, std::function<void()> once) {
    {
        const shared::Lock lock(mutex_);
        if (last_ <= after) return listeners_.push_back(std::move(once));
    }
    once();
}

} // namespace rsf::operations
