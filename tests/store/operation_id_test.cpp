// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "store/operation_id.hpp"
#include "store/store_samples.hpp"

#include <set>
#include <thread>

using namespace rsf::store;

TEST_CASE("ids sort by time and within a millisecond, and look as ids do") {
    std::string last;
    for (int i = 0; i < 3000; ++i) {
        std::string id = new_operation_id(at(5'000'000 + i / 1000));
        CHECK(is_operation_id(id));
        CHECK(last < id);
        last = std::move(id);
    }
    CHECK(new_operation_id(at(0)) > last); // a clock that goes back
    CHECK(least_operation_id(at(6'000'000)) > last);
    CHECK(least_operation_id(at(5'000'000)) < last);
    CHECK(least_operation_id(Time(std::chrono::milliseconds(-5))) == "0000000000");
}

TEST_CASE("threads get different ids") {
    std::vector<std::string> made[4];
    std::vector<std::thread> threads;
    for (auto &each : made)
        threads.emplace_back([&each] {
            for (int i = 0; i < 500; ++i) each.push_back(new_operation_id(at(7'000'000)));
        });
    for (std::thread &each : threads) each.join();
    std::set<std::string> all;
    for (const auto &each : made) all.insert(each.begin(), each.end());
    CHECK(all.size() == 2000);
}

TEST_CASE("what is no id is told from one") {
    for (const char *text : {"", "0", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVX", "01arz3ndektsv4rrffq69g5fav",
                             "01ARZ3NDEKTSV4RRFFQ69G5FAU", "../../../../../etc/passwdX", "01ARZ3NDEKTSV4RRFFQ69G5F\n\n"}) {
        INFO(text);
        CHECK_FALSE(is_operation_id(text));
    }
    CHECK(is_operation_id("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}
