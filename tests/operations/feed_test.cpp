// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "operations/feed.hpp"

using rsf::operations::Feed;

namespace {

rsf::store::Summary named(const std::string &id) {
    rsf::store::Summary summary;
    summary.id = id;
    return summary;
}

std::string ids_of(const Feed::News &news) {
    std::string text;
    for (const Feed::Change &change : news.changes) text += change.operation.id + " ";
    return news.has_gap ? "gap" : text;
}

} // namespace

TEST_CASE("a listener gets the changes after the one that it has, so many at once") {
    Feed feed;
    const std::uint64_t before = feed.last();
    CHECK(ids_of(feed.since(before, 10)).empty());
    for (const char *id : {"a", "b", "c"}) feed.note(named(id));
    CHECK(ids_of(feed.since(before, 10)) == "a b c ");
    CHECK(ids_of(feed.since(before, 2)) == "a b ");
    CHECK(ids_of(feed.since(feed.since(before, 2).changes.back().number, 2)) == "c ");
    CHECK(ids_of(feed.since(feed.last(), 2)).empty());
}

TEST_CASE("a listener whose change is not kept any more, or was never given, learns of the gap") {
    Feed feed;
    const std::uint64_t before = feed.last();
    CHECK(ids_of(feed.since(0, 10)) == "gap"); // of a daemon before this one, or of nobody
    CHECK(ids_of(feed.since(before + 1, 10)) == "gap");
    for (int i = 0; i < 1000; ++i) feed.note(named("x"));
    CHECK_FALSE(feed.since(before, 10).has_gap);
    feed.note(named("x"));
    CHECK(feed.since(before, 10).has_gap);
    CHECK(feed.since(before + 1, 2000).changes.size() == 1000);
}

TEST_CASE("who waits for a change is told once") {
    Feed feed;
    int told = 0;
    feed.when_changed(feed.last(), [&] { ++told; });
    CHECK(told == 0);
    feed.note(named("a"));
    feed.note(named("b"));
    CHECK(told == 1);
    feed.when_changed(feed.last() - 1, [&] { ++told; }); // there is one already
    CHECK(told == 2);
}
