// SPDX-License-Identifier: Apache-2.0
//
// What every store does, whichever backend it is.
#include "support/catch.hpp"

#include "store/memory/memory_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include "store/store_samples.hpp"
#include "support/log_lines.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <thread>

namespace {

using namespace rsf;
using namespace rsf::store;

struct Backend {
    test::TempFolder folder;
    test::Lines log;
    std::unique_ptr<Store> store;
};

std::unique_ptr<Backend> backend(const std::string &name) {
    auto made = std::make_unique<Backend>();
    if (name == "memory")
        made->store = std::make_unique<MemoryStore>();
    else
        made->store = got(SqliteStore::open(
            made->folder / "operations.db", [](auto work) { work(); }, made->log.log));
    return made;
}

#define FOR_EACH_BACKEND()                                                                                                       \
    const std::string which = GENERATE("memory", "sqlite");                                                                      \
    INFO(which);                                                                                                                 \
    const auto kept = backend(which);                                                                                            \
    Store &store = *kept->store

std::vector<std::string> ids_of(const std::vector<Operation> &operations) {
    std::vector<std::string> all;
    for (const Operation &each : operations) all.push_back(each.id);
    return all;
}

void check_same(const Operation &left, const Operation &right) {
    CHECK(left.id == right.id);
    CHECK(left.kind == right.kind);
    CHECK(left.target == right.target);
    CHECK(left.verb == right.verb);
    CHECK(left.ns == right.ns);
    CHECK(left.request_id == right.request_id);
    CHECK(left.reason == right.reason);
    CHECK(left.caller.name == right.caller.name);
    CHECK(left.caller.groups == right.caller.groups);
    CHECK(left.caller.address == right.caller.address);
    CHECK(left.created == right.created);
    CHECK(left.started == right.started);
    CHECK(left.ended == right.ended);
    CHECK(left.state == right.state);
    CHECK(left.failure == right.failure);
    CHECK(left.code == right.code);
    CHECK(left.is_cancelled == right.is_cancelled);
    CHECK(left.resources == right.resources);
    CHECK(left.failed == right.failed);
    CHECK(left.steps == right.steps);
    CHECK(left.payload == right.payload);
    CHECK(left.key == right.key);
}

} // namespace

TEST_CASE("an operation is found as it was recorded") {
    FOR_EACH_BACKEND();
    Operation operation = operation_at(0, {"web", "db"});
    operation.key = Key{"anna", "deploy 7", "digest", at(1000)};
    CHECK(got(store.count()) == 0);
    CHECK(commit(store, {Begin{operation}}).has_value());
    const auto found = got(store.find(operation.id));
    REQUIRE(found);
    check_same(*found, operation);
    CHECK(got(store.count()) == 1);
    CHECK_FALSE(got(store.find(new_operation_id(at(0)))));
    CHECK(store.health().ok);
}

TEST_CASE("what became of steps is laid over the operation, and its end replaces all and drops the payload") {
    FOR_EACH_BACKEND();
    const Operation operation = operation_at(0, {"a", "b", "c"});
    REQUIRE(commit(store, {Begin{operation}}).has_value());
    Step failed = step_of("b", "Failed");
    failed.errors = {"no room", "really: \"none\""};
    failed.code = "forbidden";
    failed.started = at(3);
    failed.ended = at(9);
    failed.selflink = "/api/v1/b";
    REQUIRE(
        commit(store, {Progress{operation.id, State::running, at(2), {{1, failed}, {2, step_of("c", "Running")}}}}).has_value());
    REQUIRE(
        commit(store, {Progress{operation.id, State::running, {}, {{2, step_of("c", "Created")}, {7, step_of("none")}}, true}})
            .has_value());
    REQUIRE(commit(store, {Progress{operation.id, State::running, {}, {}}}).has_value());
    Operation expected = operation;
    expected.state = State::running;
    expected.is_cancelled = true;
    expected.started = at(2);
    expected.steps[1] = failed;
    expected.steps[2].status = "Created";
    check_same(*got(store.find(operation.id)), expected);
    CHECK(ids_of(got(store.unfinished())) == std::vector{operation.id});
    CHECK(got(store.unfinished())[0].steps == expected.steps);
    CHECK(got(store.unfinished())[0].payload == operation.payload);

    Operation end = ended(operation, State::failed);
    end.failure = "the target has gone";
    end.code = "unavailable";
    end.failed = 3;
    REQUIRE(commit(store, {End{end}}).has_value());
    end.payload.clear();
    check_same(*got(store.find(operation.id)), end);
    CHECK(got(store.unfinished()).empty());
    REQUIRE(commit(store, {Progress{operation.id, State::running, at(3), {{0, step_of("a", "Running")}}}}).has_value());
    check_same(*got(store.find(operation.id)), end);
    REQUIRE(
        commit(store, {End{operation_at(50)}, Progress{"none", State::running, {}, {}}}).has_value()); // of none that is known
    CHECK(got(store.count()) == 1);
}

TEST_CASE("lists are newest first, in pages, and filtered by each of their filters") {
    FOR_EACH_BACKEND();
    std::vector<std::string> all;
    for (int i = 0; i < 10; ++i) {
        Operation operation = operation_at(i * 10, {"o" + std::to_string(i), "shared"});
        operation.target = i % 2 == 0 ? "prod" : "scratch";
        operation.caller.name = i < 5 ? "anna" : "";
        if (i == 6) operation.steps[0].object.ns.clear();
        if (i == 3) operation.steps[0].object = {"apps", "Deployment", "", "shared"};
        all.insert(all.begin(), operation.id);
        REQUIRE(commit(store, {Begin{operation}}).has_value());
        if (i >= 8) REQUIRE(commit(store, {End{ended(operation, i == 8 ? State::failed : State::succeeded)}}).has_value());
    }
    using Ids = std::vector<std::string>;
    const auto list = [&](const Filter &filter, std::size_t limit = 100, const std::string &after = {}) {
        return got(store.list(filter, limit, after));
    };
    CHECK(ids(list({})) == all);
    const Page first = list({}, 4), second = list({}, 4, first.operations.back().id),
               third = list({}, 4, second.operations.back().id);
    CHECK((first.has_more && second.has_more && !third.has_more));
    CHECK(ids(second) == Ids(all.begin() + 4, all.begin() + 8));
    CHECK(ids(third) == Ids(all.begin() + 8, all.end()));
    CHECK_FALSE(list({}, 10).has_more);
    CHECK(first.operations[0].resources == 2);

    const auto filtered = [&](auto set) {
        Filter filter;
        set(filter);
        return ids(list(filter));
    };
    CHECK(filtered([](Filter &f) { f.target = "scratch"; }) == Ids{all[0], all[2], all[4], all[6], all[8]});
    CHECK(filtered([](Filter &f) { f.caller = "anna"; }) == Ids(all.begin() + 5, all.end()));
    CHECK(filtered([](Filter &f) { f.state = State::failed; }) == Ids{all[1]});
    CHECK(filtered([](Filter &f) { f.since = at(70), f.until = at(90); }) == Ids{all[1], all[2]});
    CHECK(filtered([](Filter &f) { f.object = ObjectName{"", "ConfigMap", "shop", "o4"}; }) == Ids{all[5]});
    CHECK(filtered([](Filter &f) { f.object = ObjectName{"", "ConfigMap", "", "shared"}; }) == all);
    CHECK(filtered([](Filter &f) { f.object = ObjectName{"", "Deployment", "", ""}; }) == Ids{all[6]});
    CHECK(filtered([](Filter &f) { f.object = ObjectName{"", "ConfigMap", "nowhere", "shared"}; }).empty());
    CHECK(filtered([](Filter &f) { f.object = ObjectName{"", "configMAP", "nowhere", "o6"}; }) == Ids{all[3]}); // it may be there
    CHECK(filtered([](Filter &f) { f.target = "' OR 1=1 --"; }).empty());
    CHECK(filtered([](Filter &f) { f.target = "prod", f.caller = "anna", f.state = State::queued; }) ==
          Ids{all[5], all[7], all[9]});
}

TEST_CASE("an operation whose key has not expired is not forgotten, however many are newer") {
    FOR_EACH_BACKEND();
    Operation keyed = operation_at(0), expired = operation_at(1);
    keyed.key = Key{"anna", "k", "one", now() + std::chrono::hours(1)};
    expired.key = Key{"anna", "old", "two", now() - std::chrono::hours(1)};
    for (const Operation &each : {keyed, expired, operation_at(2), operation_at(3)})
        REQUIRE(commit(store, {Begin{each}, End{ended(each)}}).has_value());
    REQUIRE(commit(store, {Prune{at(1000), 1, 100}}).has_value());
    CHECK(got(store.count()) == 1);
    CHECK(got(store.key("anna", "k", now()))->operation == keyed.id);
    CHECK_FALSE(got(store.key("anna", "old", at(2))));
}

TEST_CASE("a key belongs to one operation of its caller until it expires, and a batch that breaks this changes nothing") {
    FOR_EACH_BACKEND();
    Operation first = operation_at(0), second = operation_at(10), other = operation_at(20), later = operation_at(2000);
    first.key = Key{"anna", "k", "one", at(1000)};
    second.key = Key{"anna", "k", "two", at(1010)};
    other.key = Key{"", "k", "three", at(1020)}; // of a caller that is not known
    later.key = Key{"anna", "k", "four", at(3000)};
    REQUIRE(commit(store, {Begin{first}}).has_value());
    const Operation beside = operation_at(11);
    const auto refused = commit(store, {Begin{beside}, Begin{second}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::already_exists);
    CHECK_FALSE(got(store.find(beside.id)));
    CHECK_FALSE(got(store.find(second.id)));
    REQUIRE(commit(store, {Begin{other}}).has_value());

    const auto use = got(store.key("anna", "k", at(999)));
    REQUIRE(use);
    CHECK(use->operation == first.id);
    CHECK(use->digest == "one");
    CHECK(got(store.key("", "k", at(999)))->operation == other.id);
    CHECK_FALSE(got(store.key("anna", "k", at(1000))));
    CHECK_FALSE(got(store.key("berta", "k", at(0))));
    REQUIRE(commit(store, {End{ended(first)}}).has_value());
    CHECK(got(store.key("anna", "k", at(999)))->operation == first.id); // also after its end
    REQUIRE(commit(store, {Begin{later}}).has_value());
    CHECK(got(store.key("anna", "k", at(2500)))->operation == later.id);
}

TEST_CASE("the key of an operation of which nothing was begun is free again") {
    FOR_EACH_BACKEND();
    Operation refused = operation_at(0), again = operation_at(10);
    refused.key = Key{"anna", "k", "one", at(1000)};
    again.key = Key{"anna", "k", "two", at(1010)};
    REQUIRE(commit(store, {Begin{refused}}).has_value());
    REQUIRE(commit(store, {End{ended(refused, State::failed), true}}).has_value());
    CHECK_FALSE(got(store.key("anna", "k", at(5))));
    CHECK_FALSE(got(store.find(refused.id))->key);
    REQUIRE(commit(store, {Begin{again}}).has_value());
    CHECK(got(store.key("anna", "k", at(20)))->operation == again.id);
}

TEST_CASE("what is old or too much is forgotten, oldest first and so many at once, but nothing that has not ended") {
    FOR_EACH_BACKEND();
    std::vector<Operation> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(operation_at(i * 10));
        all.back().key = Key{"anna", std::to_string(i), "d", Time(std::chrono::hours(1))}; // expired long ago
        REQUIRE(commit(store, {Begin{all.back()}}).has_value());
        if (i != 1) REQUIRE(commit(store, {End{ended(all.back())}}).has_value());
    }
    REQUIRE(commit(store, {Prune{at(0), 100, 100}}).has_value());
    CHECK(got(store.count()) == 10);
    REQUIRE(commit(store, {Prune{at(30), 100, 1}}).has_value());
    CHECK_FALSE(got(store.find(all[0].id)));
    CHECK(got(store.count()) == 9);
    REQUIRE(commit(store, {Prune{at(30), 100, 100}}).has_value());
    CHECK(got(store.find(all[1].id))); // it has not ended
    CHECK_FALSE(got(store.find(all[2].id)));
    CHECK(got(store.find(all[3].id)));
    REQUIRE(commit(store, {Prune{at(0), 3, 100}}).has_value());
    CHECK(got(store.count()) == 4);
    CHECK(ids(got(store.list({}, 100, ""))) == std::vector{all[9].id, all[8].id, all[7].id, all[1].id});
    Filter object;
    object.object = ObjectName{"", "ConfigMap", "shop", "web"};
    CHECK(got(store.list(object, 100, "")).operations.size() == 4);
    REQUIRE(commit(store, {Prune{at(0), 0, 100}}).has_value());
    CHECK(got(store.count()) == 1);
}

TEST_CASE("many threads commit at once, and each sees its own") {
    FOR_EACH_BACKEND();
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const Operation operation = operation_at(t * 1000 + i, {"a", "b"});
                wrong += commit(store, {Begin{operation}}) ? 0 : 1;
                wrong += got(store.find(operation.id))->state == State::queued ? 0 : 1;
                wrong += commit(store, {End{ended(operation)}}) ? 0 : 1;
                wrong += got(store.find(operation.id))->state == State::succeeded ? 0 : 1;
            }
        });
    for (std::thread &each : threads) each.join();
    CHECK(wrong == 0);
    CHECK(got(store.count()) == 200);
}

TEST_CASE("a store in memory forgets ended operations to stay within its size") {
    MemoryStore store(20'000);
    const Operation running = operation_at(0);
    REQUIRE(commit(store, {Begin{running}}).has_value());
    for (int i = 1; i < 200; ++i) {
        const Operation operation = operation_at(i);
        REQUIRE(commit(store, {Begin{operation}}).has_value());
        REQUIRE(commit(store, {End{ended(operation)}}).has_value());
    }
    CHECK(got(store.find(running.id)));
    CHECK(got(store.count()) < 40);
    CHECK(got(store.count()) > 5);
}
