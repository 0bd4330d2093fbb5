// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "operations/lock_table.hpp"

using rsf::operations::LockTable;
using rsf::store::Step;

namespace {

std::vector<Step> steps_naming(const std::vector<rsf::store::ObjectName> &objects) {
    std::vector<Step> steps;
    for (const auto &object : objects) steps.emplace_back().object = object;
    return steps;
}

using Tickets = std::vector<LockTable::Ticket>;

} // namespace

TEST_CASE("tickets that name the same object take turns in their order, others do not wait") {
    LockTable table;
    const auto a = table.take("prod", steps_naming({{"", "ConfigMap", "shop", "web"}, {"", "ConfigMap", "shop", "db"}}));
    const auto b = table.take("prod", steps_naming({{"", "ConfigMap", "shop", "web"}}));
    const auto c = table.take("prod", steps_naming({{"", "ConfigMap", "shop", "web"}, {"", "ConfigMap", "shop", "db"}}));
    const auto other = table.take("prod", steps_naming({{"", "Secret", "shop", "web"}}));
    const auto elsewhere = table.take("scratch", steps_naming({{"", "ConfigMap", "shop", "web"}}));
    CHECK(table.waits_for(a) == 0);
    CHECK(table.behind(a) == 0);
    CHECK(table.waits_for(b) == 1);
    CHECK(table.behind(b) == a);
    CHECK(table.waits_for(c) == 2);
    CHECK(table.behind(c) == b);
    CHECK(table.waits_for(other) == 0);
    CHECK(table.waits_for(elsewhere) == 0);
    CHECK(table.release(a, LockTable::Time()) == Tickets{b});
    CHECK(table.waits_for(c) == 1);
    CHECK(table.release(b, LockTable::Time()) == Tickets{c});
    CHECK(table.release(c, LockTable::Time()).empty());
    CHECK(table.release(c, LockTable::Time()).empty()); // once
}

TEST_CASE("what counts as the same object") {
    struct Row {
        const char *name;
        rsf::store::ObjectName one, other;
        bool same;
    };
    const Row rows[] = {
        {"the same", {"", "ConfigMap", "a", "x"}, {"", "ConfigMap", "a", "x"}, true},
        {"another namespace", {"", "ConfigMap", "a", "x"}, {"", "ConfigMap", "b", "x"}, false},
        {"a namespace that only the cluster knows", {"", "ConfigMap", "a", "x"}, {"", "ConfigMap", "", "x"}, true},
        {"another name", {"", "ConfigMap", "a", "x"}, {"", "ConfigMap", "a", "y"}, false},
        {"another kind", {"", "ConfigMap", "a", "x"}, {"", "Secret", "a", "x"}, false},
        {"a kind in another case", {"", "ConfigMap", "a", "x"}, {"", "configmap", "a", "x"}, true},
        {"a kind that moved", {"extensions", "Deployment", "a", "x"}, {"apps", "Deployment", "a", "x"}, true},
        {"without a kind", {"", "", "a", "x"}, {"", "", "a", "x"}, false},
        {"without a name", {"", "ConfigMap", "a", ""}, {"", "ConfigMap", "a", ""}, false},
        {"a name with a line end", {"", "a\nb", "", "c"}, {"", "a", "", "b\nc"}, false},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        LockTable table;
        table.take("t", steps_naming({row.one}));
        CHECK((table.waits_for(table.take("t", steps_naming({row.other}))) == 1) == row.same);
    }
}

TEST_CASE("a ticket that leaves the queue lets those behind it pass, and one that names an object twice waits for nobody") {
    LockTable table;
    const rsf::store::ObjectName x{"", "A", "", "x"};
    const auto a = table.take("t", steps_naming({x, x}));
    CHECK(table.waits_for(a) == 0);
    const auto b = table.take("t", steps_naming({x})), c = table.take("t", steps_naming({x}));
    CHECK(table.release(b, LockTable::Time()).empty());
    CHECK(table.waits_for(c) == 1);
    CHECK(table.behind(c) == a);
    CHECK(table.release(a, LockTable::Time()) == Tickets{c});
}

TEST_CASE("an object counts as just written while an earlier ticket names it, and for some seconds after") {
    LockTable table;
    const LockTable::Time now{std::chrono::hours(1)};
    const auto named = [](const std::string &name) { return steps_naming({{"", "ConfigMap", "shop", name}}); };
    const auto close = [&](const std::string &name, LockTable::Time at) -> bool {
        return table.just_written("prod", named(name), at).at(0);
    };
    CHECK_FALSE(close("a", now));
    const auto ticket = table.take("prod", steps_naming({{"", "configmap", "shop", "a"}, {"", "ConfigMap", "other", "a"}}));
    CHECK(close("a", now));
    CHECK_FALSE(close("b", now));
    table.release(ticket, now);
    CHECK(close("a", now + std::chrono::milliseconds(2999)));
    CHECK_FALSE(close("a", now + std::chrono::seconds(3)));
    CHECK_FALSE(table.just_written("stage", named("a"), now).at(0));
    table.release(table.take("prod", named("a")), now + std::chrono::seconds(2)); // once more
    table.release(table.take("prod", named("b")), now + std::chrono::seconds(4)); // forgets the first time alone
    CHECK(close("a", now + std::chrono::seconds(4)));
}
