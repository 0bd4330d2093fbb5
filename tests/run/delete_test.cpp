// SPDX-License-Identifier: Apache-2.0
//
// Writes that delete: their order, and what they read before.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

using namespace rsf::run::test;

TEST_CASE("delete begins with dependants, resolves no more than it must, and goes on past what stays") {
    Bench bench;
    const Configuration configuration =
        resources({{"a", "{}"}, {"b", R"~({"x": "$(ref.a.v)"})~"}, {"c", R"~({"x": "$(ref.b.v)", "y": "$$(ref.z"})~"}});
    SECTION("all goes well") {
        CHECK(statuses(bench.write(Verb::remove, configuration).get()) == "Deleted Deleted Deleted");
        CHECK(bench.cluster->begun() == std::vector<std::string>{"c", "b", "a"});
        CHECK(bench.cluster->call_of("c").object == R"~({"x":"$(ref.b.v)","y":"$$(ref.z"})~");
    }
    SECTION("one stays") {
        bench.cluster->behave([](const Call &call) -> Answer {
            if (call.name == "b") return failure("it has a finalizer");
            return Success{};
        });
        const Report report = bench.write(Verb::remove, configuration).get();
        CHECK(statuses(report) == "Deleted Failed Deleted");
        CHECK(first_error(report, 1) == "Thing here/b: it has a finalizer");
    }
}

TEST_CASE("a delete reads what an identity refers to, before anything is deleted") {
    const Configuration configuration =
        resources({{"db", R"~({"kind": "Db", "apiVersion": "x.org/v1", "metadata": {"name": "d", "namespace": "there"}})~"},
                   {"plain", R"~({"metadata": {"name": "p"}})~"},
                   {"named", R"~({"metadata": {"name": "n-$(ref.db.uid)"}, "data": "$(ref.plain.x)"})~"}});
    struct Row {
        std::string name;
        Answer live;
        std::string statuses;
        std::vector<std::string> begun;
    };
    const std::vector<Row> rows{
        {"it is there", Success{{{"uid", 7}}, 0, {}}, "Deleted Deleted Deleted", {"d", "named", "db", "plain"}},
        {"it is gone", failure("no d", Code::not_found), "Deleted Deleted Deleted", {"d", "db", "plain"}},
        {"nobody says", failure("silence", Code::unavailable), "Deleted Deleted Failed", {"d", "db", "plain"}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Bench bench({.concurrency = 1});
        bench.cluster->behave([&](const Call &call) -> Answer {
            if (call.verb == Verb::get) return row.live;
            return Success{};
        });
        const Report report = bench.write(Verb::remove, configuration).get();
        CHECK(statuses(report) == row.statuses);
        CHECK(bench.cluster->begun() == row.begun);
        const Call read = bench.cluster->call_of("d");
        CHECK(read.type == "Db.v1.x.org");
        CHECK(read.ns == "there");
        if (row.begun.size() == 4)
            CHECK(bench.cluster->call_of("named").object == R"~({"metadata":{"name":"n-7"},"data":"$(ref.plain.x)"})~");
        else if (row.live.error().code == Code::unavailable)
            CHECK_THAT(first_error(report, 2), ContainsSubstring("Thing here/named: ") && ContainsSubstring("silence"));
    }
}

TEST_CASE("a delete whose driver can't tell its order goes on without one") {
    Bench bench;
    bench.cluster->order = [](std::string_view, const std::vector<Orderable> &) -> Result<std::vector<Before>> {
        return Error{Code::internal, "no order today", {}, {}};
    };
    CHECK(statuses(bench.write(Verb::remove, plain({"a", "b"})).get()) == "Deleted Deleted");
    CHECK(bench.lines.with("no order today").size() == 1);
}
