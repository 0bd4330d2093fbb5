// SPDX-License-Identifier: Apache-2.0
//
// How many lists a driver's process makes at once.
#include "process/read_gate.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace rsf::process::test {

namespace {

using Clock = ReadGate::Clock;
using Pass = std::unique_ptr<ReadGate::Pass>;

constexpr std::uint64_t bound = 1200;

// A turn that comes at once, or does not.
Pass enter(ReadGate &gate, std::string_view query) { return gate.enter(query, Clock::now(), {}); }

// As many as are let in at once.
std::vector<Pass> fill(ReadGate &gate, std::string_view query, std::size_t most = 100) {
    std::vector<Pass> passes;
    while (passes.size() < most) {
        Pass pass = enter(gate, query);
        if (!pass) break;
        passes.push_back(std::move(pass));
    }
    return passes;
}

void make(ReadGate &gate, std::string_view query, std::uint64_t bytes) {
    const Pass pass = enter(gate, query);
    REQUIRE(pass);
    pass->made(bytes);
}

} // namespace

TEST_CASE("as many lists are made at once as there is memory for, by the last answer to their query") {
    struct Row {
        const char *name;
        std::optional<std::uint64_t> last;
        std::size_t at_once;
    };
    for (const Row &row :
         {Row{"never made", std::nullopt, 4}, Row{"small", 1, 100}, Row{"a tenth with all that it takes", 40, 10},
          Row{"a half", 200, 2}, Row{"a little more than a half", 201, 1}, Row{"more than all", 5000, 1}}) {
        INFO(row.name);
        ReadGate gate(bound);
        if (row.last) make(gate, "pods", *row.last);
        CHECK(fill(gate, "pods").size() == row.at_once);
        CHECK(fill(gate, "pods").size() == row.at_once); // those that ended have made place
    }
}

TEST_CASE("queries take the same memory and are judged each by its own answers") {
    ReadGate gate(bound);
    make(gate, "pods", 200);
    make(gate, "nodes", 1);
    const Pass large = enter(gate, "pods");
    REQUIRE(large);
    CHECK(fill(gate, "nodes", 10).size() == 10);
    CHECK(fill(gate, "secrets").size() == 2); // of four that would fit into all of it
    make(gate, "nodes", 200);
    CHECK(fill(gate, "nodes").size() == 1);
}

TEST_CASE("a list that failed says nothing of the next") {
    ReadGate gate(bound);
    make(gate, "pods", 200);
    enter(gate, "pods").reset();
    CHECK(fill(gate, "pods").size() == 2);
}

TEST_CASE("who waits for a turn gets it when another ends, and none when the wait is to stop") {
    ReadGate gate(bound);
    make(gate, "pods", 5000);
    Pass first = enter(gate, "pods");
    REQUIRE(first);
    std::atomic<bool> came = false;
    std::thread waits([&] { came = gate.enter("pods", Clock::now() + std::chrono::minutes(1), {}) != nullptr; });
    CHECK_FALSE(came);
    first.reset();
    waits.join();
    CHECK(came);

    first = enter(gate, "pods");
    std::stop_source stop;
    bool is_let_in = true;
    std::thread gives_up(
        [&] { is_let_in = gate.enter("pods", Clock::now() + std::chrono::minutes(1), stop.get_token()) != nullptr; });
    stop.request_stop();
    gives_up.join();
    CHECK_FALSE(is_let_in);
}

TEST_CASE("plans have their turns by the size of the object, beside lists") {
    const auto at_once = [](ReadGate &gate, std::uint64_t bytes) {
        std::vector<Pass> passes;
        while (Pass pass = gate.enter_plan(bytes, Clock::now(), {})) {
            passes.push_back(std::move(pass));
            if (passes.size() == 100) break;
        }
        return passes.size();
    };
    ReadGate gate(bound);
    CHECK(at_once(gate, 0) == 100);
    CHECK(at_once(gate, bound / 40) == 2);
    CHECK(at_once(gate, bound) == 1);
    make(gate, "pods", bound / 6); // a half, with all that it takes
    const Pass list = enter(gate, "pods");
    CHECK(at_once(gate, bound / 40) == 1);
}

TEST_CASE("the memory that a process may have bounds its lists") {
    CHECK(ReadGate::bound_for(0) == std::uint64_t{512} << 20);
    CHECK(ReadGate::bound_for(1000) == 500);
}

} // namespace rsf::process::test
