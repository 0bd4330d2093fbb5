// SPDX-License-Identifier: Apache-2.0
#include "http/workers.hpp"
#include "support/catch.hpp"

#include <future>

using namespace rsf::http;
using namespace std::chrono_literals;

namespace {

constexpr auto a_while = 1ms;

void await(const Workers &workers, bool stuck) {
    while (workers.stuck(a_while) != stuck) std::this_thread::yield();
}

} // namespace

TEST_CASE("workers are stuck when there is work and none of it gets done for a while") {
    Workers workers(2, "works");
    CHECK_FALSE(workers.stuck(0s)); // idle
    std::promise<void> go_on;
    const auto gate = go_on.get_future().share();
    workers.post([gate] { gate.wait(); });
    CHECK_FALSE(workers.stuck(1h));
    await(workers, true);
    go_on.set_value();
    await(workers, false);
    workers.join();
    CHECK_FALSE(workers.stuck(0s));
}
