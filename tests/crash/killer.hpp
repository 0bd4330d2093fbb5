// SPDX-License-Identifier: Apache-2.0
//
// A daemon on a store that outlives it, and what is killed around it, with SIGKILL. Used by one thread, but for address().
#pragma once

#include "crash/cluster.hpp"
#include "crash/failpoint_file.hpp"
#include "support/daemon_process.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace rsf::test::crash {

class Killer {
  public:
    Killer(const TempFolder &folder, const Clusters &clusters, std::uint64_t seed);

    // Where the daemon listens, or listened last.
    std::string address() const;
    // Starts it if it does not run. Throws when it does not start.
    void keep_up();
    // One kill of something, or the attempt at it, and the daemon's restart if it is dead.
    void strike();
    // From now on nothing dies of itself.
    void disarm();
    // Everything is up.
    void make_peace();
    void kill_daemon();
    // Kills what is there and starts no more; by any thread.
    void end();
    // As an operator would, beside the daemon.
    void check_store();

    // What a foreign client made while there was no daemon.
    struct Foreign {
        std::string target, object, marker;
        std::int64_t began, ended;
    };
    std::vector<Foreign> take_foreign() { return std::exchange(foreign_, {}); }
    // Operations of which the store said at a crash that they had not begun.
    // At the last one.
    const std::set<std::string> &queued_at_crash() const { return queued_at_crash_; }

    // By what was killed; failpoints are counted in the file.
    const std::map<std::string, std::size_t> &kills() const { return kills_; }
    const FailpointFile &failpoints() const { return failpoints_; }
    std::size_t all_kills() const;
    // What failed of itself, and the log of the daemon that runs.
    const std::vector<std::string> &mistakes() const { return mistakes_; }
    std::string log() const;

  private:
    std::size_t random(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    void note_mistake(std::string what);
    bool is_dead() const;
    bool dies_within(std::chrono::milliseconds time) const;
    void start();
    void bury();
    void make_foreign();
    void note_queued();
    void strike_at_failpoint();
    std::size_t choose_failpoint();
    void strike_driver();
    void strike_kubectl();
    void strike_api_server();

    const TempFolder &folder_;
    const Clusters &clusters_;
    std::mt19937_64 random_;
    FailpointFile failpoints_;
    std::unique_ptr<DaemonProcess> daemon_;
    std::string last_log_;
    std::map<std::string, std::size_t> kills_;
    std::vector<std::size_t> tries_; // of each failpoint
    std::vector<Foreign> foreign_;
    std::size_t foreign_count_ = 0;
    std::set<std::string> queued_at_crash_;
    std::vector<std::string> mistakes_;

    mutable std::mutex mutex_;
    std::string address_; // guarded by mutex_
    std::atomic<bool> has_ended_ = false;
};

} // namespace rsf::test::crash
