// SPDX-License-Identifier: Apache-2.0
//
// Fills a store's file with operations that have ended, through the store's own interface, so that its rows and indexes are what
// the daemon would have left there. One thread gives batches, and waits while many of them are not on disk.
//   fill_store FILE COUNT
#include "base/log.hpp"
#include "store/operation_id.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <exception>
#include <iostream>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rsf::bench {

namespace {

constexpr std::size_t operations_in_batch = 100;
constexpr std::ptrdiff_t most_waiting = 16; // batches
constexpr std::size_t objects = 10'000;     // that are written again and again
constexpr std::chrono::hours span(24 * 30); // from the first operation to the last

// One of each thousand failed.
store::Operation operation_of(std::size_t number, store::Time created) {
    const std::string name = "object-" + std::to_string(number % objects);
    store::Step step;
    step.name = name;
    step.type = "ConfigMap";
    step.object = {"", "ConfigMap", "bench", name};
    step.status = "Pending";
    store::Operation operation;
    operation.id = store::new_operation_id(created);
    operation.target = "dryrun";
    operation.verb = "create";
    operation.request_id = "bench-" + std::to_string(number);
    operation.caller.address = "unix";
    operation.created = created;
    operation.started = created;
    operation.state = store::State::running;
    operation.steps = {step};
    operation.resources = 1;
    operation.payload = R"({"resources":[{"name":")" + name + R"(","type":"ConfigMap","properties":{"apiVersion":"v1"}}]})";
    return operation;
}

store::Operation ended(store::Operation operation, bool has_failed) {
    operation.state = has_failed ? store::State::failed : store::State::succeeded;
    operation.ended = operation.created + std::chrono::milliseconds(20);
    operation.failed = has_failed ? 1 : 0;
    store::Step &step = operation.steps.front();
    step.status = has_failed ? "Failed" : "Created";
    if (has_failed) step.errors = {"the object can't be created: it is there already"};
    step.selflink = "/targets/dryrun/configurations/configmaps/" + step.name;
    step.started = operation.created;
    step.ended = operation.ended;
    return operation;
}

void fill(const char *file, std::size_t count) {
    std::counting_semaphore<most_waiting> room(most_waiting);
    std::atomic<bool> has_failed = false;
    auto opened = store::SqliteStore::open(
        file, [](const std::function<void()> &call) { call(); }, base::silent_log());
    if (!opened) throw std::runtime_error(base::to_string(opened.error()));
    const store::Time begun = store::now() - span;
    for (std::size_t number = 0; number < count;) {
        std::vector<store::Change> batch;
        for (std::size_t i = 0; i < operations_in_batch && number < count; ++i, ++number) {
            const auto since =
                std::chrono::floor<std::chrono::milliseconds>(span * static_cast<double>(number) / static_cast<double>(count));
            store::Operation operation = operation_of(number, begun + since);
            batch.emplace_back(store::Begin{operation});
            batch.emplace_back(store::End{ended(std::move(operation), number % 1000 == 999)});
        }
        room.acquire();
        (*opened)->commit(std::move(batch), [&](const base::Result<void> &result) {
            if (!result) has_failed = true;
            room.release();
        });
        if (has_failed) break;
    }
    for (std::ptrdiff_t i = 0; i < most_waiting; ++i) room.acquire(); // all are on disk
    if (has_failed) throw std::runtime_error("the store failed: " + (*opened)->health().reason);
}

} // namespace

} // namespace rsf::bench

int main(int argc, char **argv) {
    try {
        std::size_t count = 0;
        if (argc != 3 || std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), count).ec != std::errc{})
            throw std::runtime_error("usage: fill_store FILE COUNT");
        rsf::bench::fill(argv[1], count);
        return 0;
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
