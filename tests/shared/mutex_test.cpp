// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "shared/mutex.hpp"

#include <chrono>
#include <thread>

using namespace rsf::shared;
using namespace std::chrono_literals;

TEST_CASE("a condition waits until another thread has made it ready") {
    Mutex mutex;
    Condition changed;
    bool asked = false, answered = false;
    std::thread other([&] {
        Lock lock(mutex);
        while (!asked) changed.wait(lock);
        answered = true;
        changed.notify_all();
    });
    {
        Lock lock(mutex);
        asked = true;
        changed.notify_one();
        changed.wait(lock, [&] { return answered; });
    }
    other.join();
    CHECK(answered);
}

TEST_CASE("a wait that ends by its time says so") {
    Mutex mutex;
    Condition changed;
    Lock lock(mutex);
    const auto past = std::chrono::steady_clock::now() - 1s;
    CHECK(changed.wait_until(lock, past) == std::cv_status::timeout);
    CHECK(changed.wait_for(lock, 0ms) == std::cv_status::timeout);
    CHECK_FALSE(changed.wait_until(lock, past, [] { return false; }));
    CHECK_FALSE(changed.wait_for(lock, 0ms, [] { return false; }));
    CHECK(changed.wait_until(lock, past, [] { return true; }));
    CHECK(changed.wait_for(lock, 0ms, [] { return true; }));
}

TEST_CASE("a lock that was given back lets another thread in") {
    Mutex mutex;
    int value = 0;
    Lock lock(mutex);
    lock.unlock();
    std::thread([&] {
        const Lock other(mutex);
        value = 1;
    }).join();
    lock.lock();
    CHECK(value == 1);
}
