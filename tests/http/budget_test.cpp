// SPDX-License-Identifier: Apache-2.0
#include "http/budget.hpp"
#include "support/catch.hpp"

#include <thread>

using namespace rsf::daemon;

TEST_CASE("a budget gives what is there, and no more") {
    Budget budget;
    CHECK(budget.take(7, 10));
    CHECK_FALSE(budget.take(4, 10));
    CHECK(budget.take(3, 10));
    CHECK_FALSE(budget.take(1, 10));
    CHECK_FALSE(budget.take(1, 5)); // the limit may come down
    CHECK_FALSE(budget.take(static_cast<std::size_t>(-1), 20));
    budget.give_back(7);
    CHECK(budget.taken() == 3);
}

TEST_CASE("what is refused is not missed by others meanwhile") {
    Budget budget;
    std::jthread greedy([&](const std::stop_token &stop) {
        while (!stop.stop_requested()) budget.take(1000, 10);
    });
    int refused = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        if (budget.take(1, 10))
            budget.give_back(1);
        else
            ++refused;
    }
    CHECK(refused == 0);
}
