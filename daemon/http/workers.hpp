// SPDX-License-Identifier: Apache-2.0
//
// Threads with ordinary stacks for work that may take a while. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace rsf::http {

class Workers {
  public:
    // what: they do, for people: "reads bodies and writes answers".
    Workers(std::size_t threads, std::string what);
    ~Workers();

    // Work that is queued when this is destroyed is dropped.
    void post(std::function<void()> work);
    // Called when idle: every thread gives free memory back to the system.
    void give_memory_back();
    void join();
    // Whether there is work, and none was done for that long.
    bool stuck(std::chrono::steady_clock::duration longer_than) const;
    const std::string &what() const { return what_; }

  private:
    struct Pool;
    const std::string what_;
    const std::unique_ptr<Pool> pool_;
};

// Posts to workers while they exist, without owning them: work that is queued in a pool must not keep the pool alive.
std::function<void(std::function<void()>)> offload_to(const std::shared_ptr<Workers> &workers);

} // namespace rsf::http
