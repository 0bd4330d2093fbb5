// SPDX-License-Identifier: Apache-2.0
//
// Operations for the tests of stores, and commits that are waited for.
#pragma once

#include "store/operation_id.hpp"
#include "store/store.hpp"

#include <atomic>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace rsf::store {

inline Time at(std::int64_t milliseconds) { return Time(std::chrono::milliseconds(1'800'000'000'000 + milliseconds)); }

inline Step step_of(std::string name, std::string status = "Pending") {
    Step step;
    step.name = name;
    step.type = "ConfigMap";
    step.object = {"", "ConfigMap", "shop", std::move(name)};
    step.status = std::move(status);
    return step;
}

// Unlike new_operation_id(), of just that time, whatever other tests made before.
inline std::string id_at(std::int64_t time) {
    static std::atomic<int> count = 0;
    const std::string serial = std::to_string(++count);
    return least_operation_id(at(time)) + std::string(16 - serial.size(), '0') + serial;
}

inline Operation operation_at(std::int64_t time, const std::vector<std::string> &names = {"web"}) {
    Operation operation;
    operation.id = id_at(time);
    operation.created = at(time);
    operation.target = "prod";
    operation.verb = "create";
    operation.ns = "shop";
    operation.request_id = "r-1";
    operation.reason = "ticket 7, \"quoted\" – and more";
    operation.caller = {"anna", {"deployers", "a,b"}, "127.0.0.1:4711"};
    for (const std::string &name : names) operation.steps.push_back(step_of(name));
    operation.resources = names.size();
    operation.payload = std::string("all of it\0 and bytes \xff", 22);
    return operation;
}

inline Operation ended(Operation operation, State state = State::succeeded) {
    operation.state = state;
    operation.started = operation.created;
    operation.ended = operation.created + std::chrono::milliseconds(5);
    for (Step &step : operation.steps) step.status = state == State::succeeded ? "Created" : "Failed";
    return operation;
}

inline Result<void> commit(Store &store, std::vector<Change> batch) {
    std::promise<Result<void>> done;
    store.commit(std::move(batch), [&](Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
}

// The value of what has to succeed.
template <class T> T got(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

inline std::vector<std::string> ids(const Page &page) {
    std::vector<std::string> all;
    for (const Summary &each : page.operations) all.push_back(each.id);
    return all;
}

} // namespace rsf::store
