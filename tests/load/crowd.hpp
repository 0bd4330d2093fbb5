// SPDX-License-Identifier: Apache-2.0
//
// Many connections to a daemon's Unix socket at once, for clients that behave badly. One thread each.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::test {

// A connection whose descriptor nobody waits on. Throws when it can't be made.
class Connection {
  public:
    explicit Connection(const std::string &socket);
    ~Connection() { close(); }
    Connection(Connection &&other) noexcept;
    Connection &operator=(Connection &&) = delete;

    // What the system takes without waiting.
    void send(std::string_view bytes) const;
    // Waits for an answer to begin and returns what is there of it; empty: the connection ended without one.
    std::string receive() const;
    // Whether the daemon has closed it. Reads at_most bytes to learn that.
    bool is_closed(std::size_t at_most);
    // What came until it was closed.
    const std::string &received() const { return received_; }
    std::string take() { return std::exchange(received_, {}); }
    // Resets it instead of saying goodbye.
    void reset();
    void close();

  private:
    int fd_;
    std::string received_;
};

// So that this process can have count connections.
void allow_connections(std::size_t count);

// Of another process.
std::size_t resident_kib(int pid);
std::size_t highest_kib(int pid); // the most that was resident
std::size_t open_descriptors(int pid);

// Until it is so: a minute at most.
template <class F> bool comes_true(F condition);

void wait_a_moment(); // between two looks at what only time brings

template <class F> bool comes_true(F condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (; !condition(); wait_a_moment())
        if (std::chrono::steady_clock::now() > until) return false;
    return true;
}

} // namespace rsf::test
