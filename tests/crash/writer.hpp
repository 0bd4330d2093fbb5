// SPDX-License-Identifier: Apache-2.0
//
// A client that posts writes, one after another, and sends those that have a key again until they are answered.
#pragma once

#include "crash/cluster.hpp"
#include "crash/history.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace rsf::test::crash {

class Writer {
  public:
    // address: where the daemon listens now. prefix: of all names that it gives.
    Writer(std::vector<Target> targets, std::function<std::string()> address, std::string prefix, std::uint64_t seed);

    // Until it is told to stop, and its last request has ended. All that it posted.
    std::vector<Request> write(const std::atomic<bool> &stops);

  private:
    std::size_t random(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    std::size_t choose_size(bool is_slow);
    Request make();
    Request make_twin(const Request &other);
    void send(Request &request, const std::atomic<bool> &stops);

    const std::vector<Target> targets_;
    const std::function<std::string()> address_;
    const std::string prefix_;
    std::mt19937_64 random_;
    std::size_t count_ = 0;
};

// One attempt; throws when the connection breaks. Fills in what the client learns.
void post(const std::string &address, Request &request);

} // namespace rsf::test::crash
