// SPDX-License-Identifier: Apache-2.0
//
// A real resourcifierd whose log is too long to keep, with what a soak does to it and wants to know of it.
#pragma once

#include "soak/ledger.hpp"
#include "support/daemon_process.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace rsf::test {

// What a daemon takes of the machine.
struct Footprint {
    std::size_t descriptors = 0; // 0: this user may not see them
    std::size_t threads = 0;
    std::set<pid_t> children;
    std::size_t memory = 0;         // KiB that are resident, of the daemon's own
    std::size_t drivers_memory = 0; // the same of its children but the saboteurs
    bool is_as_large_as(const Footprint &other) const {
        return descriptors == other.descriptors && threads == other.threads && children.size() == other.children.size();
    }
};

// Whether it is there and not only waited for.
bool is_running(pid_t process);

class SoakedDaemon {
  public:
    // An error that the log tells of anything but the saboteurs is entered as wrong.
    explicit SoakedDaemon(Ledger &ledger);
    ~SoakedDaemon(); // SIGKILL, if it still runs

    const std::string &address() const { return address_; }
    Footprint footprint() const;

    // The next upgrade of the target "upgraded"; throws when it is refused or takes longer than patience. One at a time.
    void upgrade(std::chrono::seconds patience);
    // How many have begun, and how many of them are done for all to see.
    int upgrades_begun() const { return begun_; }
    int upgrades_done() const { return done_; }
    // Which upgrade made who answers {"version": version, "mark": mark}.
    static int upgrade_of(int version, int mark);

    // SIGKILL to all the drivers' processes, each of which is then replaced. Errors in the log are nothing wrong from then on,
    // until they are minded again.
    void kill_drivers();
    void mind_errors() { minds_errors_ = true; }
    void kill() const;
    // SIGTERM, and its whole log; the exit code, or -1 when a signal ended it.
    int terminate();
    std::string end_of_log() const;

  private:
    void place_driver(int upgrade) const;
    void write_settings(int upgrade) const;
    void start();
    void read_log(int descriptor);
    void heed(const std::string &line);

    Ledger &ledger_;
    const TempFolder folder_;
    const std::string address_;
    pid_t pid_ = -1;
    std::thread reader_;
    std::atomic<int> begun_ = 0, done_ = 0;
    std::atomic<bool> minds_errors_ = true;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> last_lines_; // guarded by mutex_
    int reloads_ = 0, refusals_ = 0;     // guarded by mutex_; as the log has them
    bool listens_ = false, log_ended_ = false;
};

} // namespace rsf::test
