// SPDX-License-Identifier: Apache-2.0
#include "http/workers.hpp"

#include "base/memory.hpp"
#include "http/asio.hpp"
#include "http/heartbeat.hpp"

#include <atomic>
#include <latch>
#include <thread>
#include <utility>

namespace rsf::http {

struct Workers::Pool {
    explicit Pool(std::size_t count) : threads(count), pool(count) {}

    const std::size_t threads;
    Heartbeat heartbeat;
    std::atomic<std::size_t> waiting = 0; // or under way
    net::thread_pool pool;                // last: its threads use the others
};

Workers::Workers(std::size_t threads, std::string what) : what_(std::move(what)), pool_(std::make_unique<Pool>(threads)) {}
Workers::~Workers() = default;

void Workers::post(std::function<void()> work) {
    if (pool_->waiting == 0) pool_->heartbeat.beat(); // it was idle
    ++pool_->waiting;
    try {
        net::post(pool_->pool, [pool = pool_.get(), work = std::move(work)] {
            work();
            pool->heartbeat.beat();
            --pool->waiting;
        });
    } catch (...) {
        --pool_->waiting;
        throw;
    }
}

// The threads wait for each other, so that each does it once.
void Workers::give_memory_back() {
    if (pool_->waiting != 0) return;
    const auto all_here = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(pool_->threads));
    for (std::size_t i = 0; i < pool_->threads; ++i)
        net::post(pool_->pool, [all_here] {
            all_here->count_down();
            const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
            while (!all_here->try_wait() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
            base::give_memory_back();
        });
}

void Workers::join() { pool_->pool.join(); }

bool Workers::stuck(std::chrono::steady_clock::duration longer_than) const {
    return pool_->waiting != 0 && pool_->heartbeat.is_older_than(longer_than);
}

std::function<void(std::function<void()>)> offload_to(const std::shared_ptr<Workers> &workers) {
    return [weak = std::weak_ptr(workers)](std::function<void()> work) {
        if (const auto alive = weak.lock()) alive->post(std::move(work));
    };
}

} // namespace rsf::http
