// SPDX-License-Identifier: Apache-2.0
//
// How operations go on that had not ended when the daemon last did. The store is as a kill leaves it.
#include "support/catch.hpp"

#include "operations/desk.hpp"

#include "store/operation_id.hpp"

#include <functional>
#include <map>
#include <mutex>

using namespace rsf::operations::test;
using drivers::Verb;
using How = run::Resumption::How;

namespace {

// Objects by name; a create of one that is there fails, as clusters do.
struct Objects {
    std::mutex mutex;
    std::map<std::string, std::string> all;
    std::vector<std::string> written;            // "create a", in turn
    std::function<void(Objects &)> before_write; // once

    drivers::Answer operator()(const drivers::Call &call) {
        const std::lock_guard lock(mutex);
        const auto found = all.find(call.name);
        if (call.verb == Verb::get) {
            if (found == all.end()) return drivers::Failure(not_found("no " + call.name));
            return drivers::Success{json::parse(found->second), 0, "/" + call.name};
        }
        written.push_back(std::string(to_string(call.verb)) + " " + call.name);
        if (const auto once = std::exchange(before_write, nullptr)) once(*this);
        const auto now = all.find(call.name);
        if (!call.expected_revision.empty() &&
            (now == all.end() || call.expected_revision != "r" + std::to_string(std::hash<std::string>()(now->second))))
            return drivers::Failure(conflict("it is at another revision"));
        if (call.verb == Verb::create && found != all.end()) return drivers::Failure(already_exists(call.name + " exists"));
        if (call.verb == Verb::remove)
            all.erase(call.name);
        else
            all[call.name] = call.object;
        return drivers::Success{call.verb == Verb::remove ? json::value() : json::parse(call.object), 0, "/" + call.name};
    }
};

// A driver that knows its writes: what is there as it was posted is its own. The revision of an object is its text.
struct Tells {
    Objects &objects;
    drivers::Settled operator()(const drivers::Call &call) const {
        using Told = drivers::Settlement::How;
        const std::lock_guard lock(objects.mutex);
        const auto found = objects.all.find(call.name);
        const bool is_there = found != objects.all.end();
        drivers::Settlement told;
        if (call.verb == Verb::remove) {
            told.how = is_there ? Told::not_done : Told::done;
        } else if (is_there && found->second == call.object) {
            told.how = Told::done;
            told.object = json::parse(found->second);
        } else if (is_there && call.verb == Verb::create) {
            told.reason = "it is of somebody else";
        } else {
            told.how = Told::not_done;
        }
        if (is_there) told.revision = "r" + std::to_string(std::hash<std::string>()(found->second));
        return told;
    }
};

struct AfterKill : Desk {
    explicit AfterKill(bool tells = true) {
        cluster->behave([this](const drivers::Call &call) { return objects(call); });
        if (tells) cluster->settle = Tells{objects};
        cluster->checks_revisions = true;
    }

    // An operation that was accepted, of which this is known. outcomes: of each resource its status, or "" where nothing is
    // known.
    std::string leave(Verb verb, const parse::Configuration &configuration, const std::vector<std::string> &outcomes = {},
                      State state = State::running, bool is_cancelled = false) {
        store::Operation record;
        record.created = store::now();
        record.id = store::new_operation_id(record.created);
        record.target = "prod";
        record.verb = to_string(verb);
        record.state = state;
        record.is_cancelled = is_cancelled;
        run::Operation operation;
        operation.configuration = configuration;
        record.steps = steps_of(operation);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (outcomes[i].empty()) continue;
            record.steps[i].status = outcomes[i];
            record.steps[i].ended = store::now();
            if (outcomes[i] == "Failed") record.steps[i].errors = {"it was refused"};
        }
        record.payload = payload_of(configuration);
        store->commit({store::Begin{record}}, [](const Result<void> &) {});
        return record.id;
    }

    store::Operation resume(const std::string &id, How how = How::resume) {
        CHECK(operations->resume(targets(), how).has_value());
        std::promise<store::Operation> ended;
        operations->wait(id, Timers::Clock::time_point::max(), [&](auto found) { ended.set_value(*found.value()); });
        return ended.get_future().get();
    }

    void put(const std::string &name, std::string object) {
        const std::lock_guard lock(objects.mutex);
        objects.all[name] = std::move(object);
    }
    void put_as_posted(const parse::Resource &resource) { put(resource.name, json::serialize(resource.properties)); }

    Objects objects;
};

} // namespace

TEST_CASE("creates that happened are not repeated, and what did not happen is done") {
    AfterKill desk;
    const auto posted = things({"recorded", "happened", "open"});
    desk.put_as_posted(posted.resources[0]);
    desk.put_as_posted(posted.resources[1]);
    const auto ended = desk.resume(desk.leave(Verb::create, posted, {"Created"}));
    CHECK(statuses(ended) == "Created Created Created");
    CHECK(ended.state == State::succeeded);
    CHECK(desk.objects.written == std::vector<std::string>{"create open"});
    CHECK(desk.lines.with("what became of 2 of its 3 resources is looked for").size() == 1);
}

TEST_CASE("a resource that refers to one that was done gets the value from the live object") {
    AfterKill desk;
    const auto posted = things({"a", "b<a"});
    desk.put("a", R"({"kind": "Thing", "metadata": {"name": "a", "namespace": "shop"}, "value": "live"})");
    CHECK(statuses(desk.resume(desk.leave(Verb::create, posted, {"Created"}))) == "Created Created");
    CHECK(json::parse(desk.objects.all.at("b")).at("of") == "live");
}

TEST_CASE("a create that can't be told from another client's is unknown, with what was seen, and is not repeated") {
    AfterKill desk;
    desk.put("a", R"({"kind": "Thing", "metadata": {"name": "a", "namespace": "shop"}, "value": "of somebody else"})");
    const auto ended = desk.resume(desk.leave(Verb::create, things({"a", "b<a", "c"})));
    CHECK(statuses(ended) == "Unknown Unknown Created"); // b may have been done, if a was
    CHECK_THAT(ended.steps[1].errors.at(0), ContainsSubstring("whether this was done before was not found out"));
    CHECK_THAT(ended.steps[0].errors.at(0), ContainsSubstring("it is of somebody else"));
    CHECK(ended.state == State::failed);
    CHECK(desk.objects.written == std::vector<std::string>{"create c"});
}

TEST_CASE("an operation whose order is not found out after a restart may have been done, and its key stays taken") {
    AfterKill desk;
    desk.cluster->order = [](std::string_view, const std::vector<drivers::Orderable> &) -> Result<std::vector<drivers::Before>> {
        return unavailable("the cluster does not say");
    };
    const auto ended = desk.resume(desk.leave(Verb::create, things({"a", "b"}), {"Created"}));
    CHECK(statuses(ended) == "Created Unknown");
    CHECK(ended.state == State::failed);
    CHECK_THAT(ended.steps[1].errors.at(0),
               ContainsSubstring("was not found out: ") && ContainsSubstring("the cluster does not say"));
    CHECK(desk.objects.written.empty());
}

TEST_CASE("replaces, applies and deletes are done if they do not show in the cluster") {
    AfterKill desk;
    const auto posted = things({"a", "b"});
    desk.put_as_posted(posted.resources[0]);
    desk.put("b", R"({"kind": "Thing", "metadata": {"name": "b", "namespace": "shop"}, "value": "old"})");
    CHECK(statuses(desk.resume(desk.leave(Verb::replace, posted))) == "Replaced Replaced");
    CHECK(desk.objects.written == std::vector<std::string>{"replace b"});
    desk.objects.all.erase("a");
    CHECK(statuses(desk.resume(desk.leave(Verb::remove, posted))) == "Deleted Deleted");
    CHECK(desk.objects.written == std::vector<std::string>{"replace b", "delete b"});
    CHECK(statuses(desk.resume(desk.leave(Verb::apply, posted))) == "Replaced Replaced");
    CHECK(desk.objects.all.size() == 2);
}

TEST_CASE("of a driver that can't tell, what comparison leaves open is Unknown, and is not done") {
    AfterKill desk(false);
    const auto posted = things({"a", "b"});
    desk.put_as_posted(posted.resources[0]);
    CHECK(statuses(desk.resume(desk.leave(Verb::create, posted))) == "Unknown Created");
    CHECK(statuses(desk.resume(desk.leave(Verb::remove, posted))) == "Unknown Unknown");
    CHECK(desk.objects.written == std::vector<std::string>{"create b"});
    CHECK(statuses(desk.resume(desk.leave(Verb::replace, posted))) == "Replaced Replaced");
    CHECK(desk.objects.written.size() == 1);
}

TEST_CASE("what is deleted or replaced after a restart is what was looked at, and what came since is looked at again") {
    AfterKill desk;
    const auto posted = things({"a"});
    const Verb verb = GENERATE(Verb::remove, Verb::replace);
    desk.put("a", R"({"value": "old"})");
    // Another client makes the object anew between the look and the write, once.
    desk.objects.before_write = [](Objects &objects) { objects.all["a"] = R"({"value": "new"})"; };
    const auto ended = desk.resume(desk.leave(verb, posted));
    CHECK(ended.state == State::succeeded);
    CHECK(desk.objects.written.size() == 2);
    CHECK(desk.cluster->call_of("a").began_ms == ended.created.time_since_epoch().count());
    CHECK_FALSE(desk.cluster->call_of("a").expected_revision.empty());
}

TEST_CASE("when a write began is told to the driver, unless the daemon wrote the same object right before") {
    AfterKill desk;
    const auto before = store::now();
    desk.cluster->hold("a");
    const Asked first = desk.create({"a"}), second = desk.ask(Verb::replace, things({"a", "b"}));
    desk.cluster->wait_for("a");
    CHECK(desk.cluster->call_of("a").began_ms >= before.time_since_epoch().count());
    desk.cluster->let_go("a");
    CHECK(statuses(second.report.get()) == "Replaced Replaced");
    CHECK(desk.cluster->call_of("a").began_ms == 0);
    CHECK(desk.cluster->call_of("b").began_ms >= before.time_since_epoch().count());
    // A restart changes nothing of that.
    const store::Operation kept = *desk.store->find(second.id()).value();
    CHECK(kept.steps.at(0).is_close);
    CHECK_FALSE(kept.steps.at(1).is_close);
}

TEST_CASE("with stop, what happened is told and nothing more is done") {
    AfterKill desk;
    const auto posted = things({"done", "open", "after<open"});
    desk.put_as_posted(posted.resources[0]);
    const auto ended = desk.resume(desk.leave(Verb::create, posted), How::stop);
    CHECK(statuses(ended) == "Created Aborted Aborted");
    CHECK(ended.state == State::failed);
    CHECK(desk.objects.written.empty());
}

TEST_CASE("an operation that had not begun is carried out as a new one: what is like it in the cluster is not its own") {
    AfterKill desk;
    const auto posted = things({"a", "b"});
    desk.put_as_posted(posted.resources[0]);
    const auto ended = desk.resume(desk.leave(Verb::create, posted, {}, State::queued));
    CHECK(statuses(ended) == "Failed Created");
    CHECK_THAT(ended.steps[0].errors.at(0), ContainsSubstring("a exists"));
    CHECK(desk.lines.with("had not begun when the daemon last ended: it waits for its turn again").size() == 1);
}

TEST_CASE("an operation that had not begun does not begin any more with stop, or where it was cancelled") {
    AfterKill desk;
    const auto stopped = desk.resume(desk.leave(Verb::create, things({"a", "b"}), {}, State::queued), How::stop);
    CHECK(statuses(stopped) == "Aborted Aborted");
    CHECK(stopped.state == State::failed);
    CHECK_THAT(stopped.failure, ContainsSubstring("before the operation began, and its setting after_restart is stop"));
    const auto cancelled = desk.resume(desk.leave(Verb::create, things({"a"}), {}, State::queued, true));
    CHECK(statuses(cancelled) == "Aborted");
    CHECK(cancelled.state == State::cancelled);
    CHECK(desk.objects.written.empty());
}

TEST_CASE("of an operation that was cancelled before a restart nothing more is done, and what was done is told") {
    AfterKill desk;
    const auto posted = things({"done", "open"});
    desk.put_as_posted(posted.resources[0]);
    const auto ended = desk.resume(desk.leave(Verb::create, posted, {}, State::running, true));
    CHECK(statuses(ended) == "Created Aborted");
    CHECK(ended.state == State::cancelled);
    CHECK(desk.objects.written.empty());
}

TEST_CASE("what has not ended when the daemon goes down is stopped, and goes on in the next one") {
    AfterKill desk;
    desk.store->outlasts = true;
    desk.cluster->hold("b");
    const Asked runs = desk.create({"a", "b<a", "c<b"}), waits = desk.ask(Verb::replace, things({"b"}));
    desk.cluster->wait_for("b");
    CHECK(desk.operations->hold());
    const Asked late = desk.create({"d"}); // its request was read before
    desk.made->cancel();
    for (const Asked *each : {&runs, &waits, &late}) {
        const auto failure = each->report.get().error();
        CHECK(failure.code == Code::unavailable);
        CHECK(failure.retry == drivers::Failure::Retry::later);
        CHECK_THAT(failure.message, ContainsSubstring("GET /operations/" + each->id() + " tells"));
    }
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    const auto left = desk.store->unfinished().value();
    REQUIRE(left.size() == 3);
    CHECK(statuses(left[0]) == "Created Running Pending");
    CHECK(left[1].state == State::queued);
    desk.cluster->let_go("b");

    Desk next;
    next.cluster->behave([&](const drivers::Call &call) { return desk.objects(call); });
    next.use(desk.store);
    CHECK(next.operations->resume(next.targets(), How::resume).has_value());
    CHECK(next.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(statuses(next.record(runs.id())) == "Created Created Created");
    CHECK(statuses(next.record(waits.id())) == "Replaced");
    CHECK(statuses(next.record(late.id())) == "Created");
}

TEST_CASE("with a key the store has nothing of a configuration to read, and without it later the operation can't go on") {
    const auto seal = store::Seal::make({"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}).value();
    for (const bool has_key : {true, false}) {
        AfterKill desk;
        desk.store->outlasts = true;
        desk.use(desk.store, seal);
        desk.cluster->hold("a");
        const Asked asked = desk.create({"a"});
        desk.cluster->wait_for("a");
        CHECK(desk.store->find(asked.id()).value()->payload.find("Thing") == std::string::npos);
        desk.operations->hold();
        desk.made->cancel();
        CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
        Desk next;
        next.cluster->behave([&](const drivers::Call &call) { return desk.objects(call); });
        next.use(desk.store, has_key ? seal : store::Seal());
        CHECK(next.operations->resume(next.targets(), How::resume).has_value());
        CHECK(next.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
        const store::Operation ended = next.record(asked.id());
        CHECK(statuses(ended) == (has_key ? "Created" : "Unknown"));
        if (!has_key) CHECK_THAT(ended.failure, ContainsSubstring("sealed under a key that is not in the setting store_key"));
        desk.cluster->let_go("a");
    }
}

TEST_CASE("what is kept in memory alone is not held for the next daemon") {
    Desk desk;
    CHECK_FALSE(desk.operations->hold());
    CHECK(statuses(desk.create({"a"}).report.get()) == "Created");
}

TEST_CASE("what goes on after a restart counts as memory of requests until it has ended") {
    AfterKill desk;
    desk.cluster->hold("a");
    const std::string id = desk.leave(Verb::create, things({"a"}), {}, State::queued);
    const auto memory = std::make_shared<rsf::base::Budget>();
    CHECK(desk.operations->resume(desk.targets(), How::resume, memory, 1).has_value());
    CHECK(memory->taken() > payload_of(things({"a"})).size());
    desk.cluster->let_go("a");
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    while (memory->taken() != 0) std::this_thread::yield();
    CHECK(desk.record(id).state == State::succeeded);
}

TEST_CASE("a failure that was recorded is told as it was, and its dependants are aborted") {
    AfterKill desk;
    const auto ended = desk.resume(desk.leave(Verb::create, things({"a", "b<a", "c"}), {"Failed"}));
    CHECK(statuses(ended) == "Failed Aborted Created");
    CHECK(ended.steps[0].errors == std::vector<std::string>{"Thing shop/a: it was refused"});
}

TEST_CASE("what can't be resumed ends, with why") {
    AfterKill desk;
    store::Operation gone = *desk.store->find(desk.leave(Verb::create, things({"a", "b"}), {"Created"})).value();
    store::Operation broken = *desk.store->find(desk.leave(Verb::create, things({"a"}))).value();
    for (store::Operation *each : {&gone, &broken}) {
        each->id = store::new_operation_id(store::now());
        each == &gone ? each->target = "elsewhere" : each->payload = "[";
        desk.store->commit({store::Begin{*each}}, [](const Result<void> &) {});
    }
    CHECK(desk.operations->resume(desk.targets(), How::resume).has_value());
    const store::Operation found = *desk.store->find(gone.id).value();
    CHECK(found.state == State::failed);
    CHECK(statuses(found) == "Created Unknown");
    CHECK_THAT(found.failure, ContainsSubstring("its target is not in the settings any more"));
    CHECK(found.failed == 1);
    CHECK_THAT(desk.store->find(broken.id).value()->failure, ContainsSubstring("can't be read"));
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

TEST_CASE("what was accepted before a restart goes on, though the queue would not take so much at once") {
    AfterKill desk;
    desk.limits.queue = 2;
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(desk.leave(Verb::create, things({"a" + std::to_string(i)})));
    CHECK(desk.operations->resume(desk.targets(), How::resume).has_value());
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    for (const std::string &id : ids) CHECK(desk.record(id).state == State::succeeded);
}

TEST_CASE("operations go on in the order in which they were accepted, before new ones on the same objects") {
    AfterKill desk;
    desk.cluster->hold("a");
    const std::string first = desk.leave(Verb::replace, things({"a"})), second = desk.leave(Verb::remove, things({"a"}));
    CHECK(desk.operations->resume(desk.targets(), How::resume).has_value());
    const Asked third = desk.create({"a"});
    CHECK(desk.operations->queue_of(second)->behind == first);
    CHECK(desk.operations->queue_of(third.id())->behind == second);
    CHECK(desk.record(first).state == State::settling);
    desk.cluster->let_go("a");
    CHECK(statuses(third.report.get()) == "Created");
    CHECK(desk.objects.written == std::vector<std::string>{"replace a", "delete a", "create a"});
}
