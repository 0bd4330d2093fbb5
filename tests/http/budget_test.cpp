// SPDX-License-Identifier: Apache-2.0
#include "base/budget.hpp"
#include "support/catch.hpp"

#include <memory>
#include <thread>
#include <vector>

using namespace rsf::base;

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

TEST_CASE("a share has what it could get, and gives it back") {
    const auto budget = std::make_shared<Budget>();
    {
        Share share(budget, 10), other(budget, 10);
        CHECK(share.grow_to(6));
        CHECK(share.grow_to(5)); // it has more
        CHECK(share.add(2));
        CHECK(budget->taken() == 8);
        CHECK_FALSE(share.was_refused());
        CHECK_FALSE(other.add(3));
        CHECK(other.was_refused());
        CHECK(other.amount() == 0);
        share.give_back(3);
        CHECK(share.amount() == 5);
        CHECK(other.add(3));
        CHECK(other.was_refused()); // once
        CHECK(share.settle(1));
        CHECK(share.settle(7));
        CHECK_FALSE(share.settle(8));
        CHECK(share.amount() == 7);
        share.give_back(100); // no more than it has
        CHECK(budget->taken() == 3);

        const Share fresh(budget, 10);
        const std::shared_ptr<Share> another = fresh.another();
        CHECK_FALSE(another->add(8));
        CHECK_FALSE(fresh.was_refused());
        CHECK(another->add(7));
        CHECK_FALSE(share.add(1));
    }
    CHECK(budget->taken() == 0);
}

TEST_CASE("many threads take and give back one share") {
    const auto budget = std::make_shared<Budget>();
    Share share(budget, 1'000'000);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int turn = 0; turn < 10'000; ++turn)
                if (share.add(3)) share.give_back(2);
        });
    for (std::thread &thread : threads) thread.join();
    CHECK(share.amount() == 40'000);
    CHECK(budget->taken() == 40'000);
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
