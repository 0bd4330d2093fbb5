// SPDX-License-Identifier: Apache-2.0
//
// The daemon under mixed requests for as long as RESOURCIFIER_SOAK_SECONDS says, while drivers crash, hang, flood and are
// upgraded.
#include "soak/clients.hpp"
#include "soak/ledger.hpp"
#include "soak/saboteurs.hpp"
#include "soak/soaked_daemon.hpp"
#include "support/catch.hpp"
#include "support/overdue.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace rsf::test;
using namespace std::chrono_literals;

namespace {

using Clock = Ledger::Clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

constexpr int cluster_clients = 4, upgraded_clients = 3;
constexpr auto between_rounds = 5ms; // so that something of the machine is left to others
constexpr auto between_upgrades = 2s;
constexpr auto between_misdeeds = 1s;
constexpr auto warm_up = 8s;         // every misdeed once, and some upgrades
constexpr auto time_to_quiet = 30s;  // for what is left behind to be cleared away
constexpr auto patience = 60s;       // before the daemon is taken for stuck
constexpr std::size_t enough = 100;  // that is wrong, to end with
constexpr std::size_t margin = 8192; // KiB of memory, besides a fifth

std::chrono::seconds time_to_soak() {
    const char *const told = std::getenv("RESOURCIFIER_SOAK_SECONDS");
    return std::chrono::seconds(told ? std::max(1, std::atoi(told)) : 120);
}

template <class Is> bool wait_until(Clock::time_point end, Is is) {
    for (; !is(); std::this_thread::sleep_for(50ms))
        if (Clock::now() >= end) return false;
    return true;
}

class Soak {
  public:
    // Everything at once, for that time. stagger: between two misdeeds in the first turn of them all.
    void load(std::chrono::seconds time, std::chrono::seconds stagger);
    // What is there once all is quiet. like: what that should be; or, when it is not known yet, what it is for a while.
    Footprint quieten(const Footprint *like = nullptr);
    void report(const Footprint &before, const Footprint &after) const;

    Ledger ledger;
    SoakedDaemon daemon{ledger};

  private:
    void begin(Clock::time_point from, Clock::duration every, const std::function<void(Visitor &)> &round);
    void finish();
    void renew_drivers();

    // of the load that is on
    Clock::time_point end_;
    std::atomic<int> working_ = 0;
    std::vector<std::jthread> crew_;

    std::atomic<int> names_ = 0;
    std::array<std::atomic<int>, 3> misdeeds_{}; // by kind
};

void Soak::load(std::chrono::seconds time, std::chrono::seconds stagger) {
    const Clock::time_point now = Clock::now();
    end_ = now + time;
    for (int i = 0; i < cluster_clients; ++i)
        begin(now, 0s, [this](Visitor &visitor) {
            const int number = ++names_;
            live(visitor, clusters[static_cast<std::size_t>(number) % clusters.size()], "n-" + std::to_string(number));
        });
    for (int i = 0; i < upgraded_clients; ++i)
        begin(now, 0s, [this](Visitor &visitor) {
            ask_upgraded(visitor, daemon, "n-" + std::to_string(++names_));
            visitor.require(visitor.ask("GET", "/healthz").body == "OK", "the daemon says that it is not well");
        });
    begin(now, between_upgrades, [this](Visitor &) { daemon.upgrade(patience); });
    auto turn = now;
    for (const Misdeed &misdeed : misdeeds()) {
        begin(turn, between_misdeeds * misdeeds().size(), [this, &misdeed](Visitor &visitor) {
            ++misdeeds_[static_cast<std::size_t>(misdeed.kind)];
            commit(misdeed, visitor);
        });
        turn += stagger;
    }
    finish();
}

// Somebody who does that again and again.
void Soak::begin(Clock::time_point from, Clock::duration every, const std::function<void(Visitor &)> &round) {
    ++working_;
    crew_.emplace_back([this, from, every, round] {
        Visitor visitor(daemon.address(), ledger);
        for (auto next = from; next < end_ && ledger.wrongs() < enough;
             next = std::max(next + every, Clock::now() + between_rounds)) {
            std::this_thread::sleep_until(next);
            visitor.attempt([&] { round(visitor); });
        }
        --working_;
    });
}

void Soak::finish() {
    const auto all_are_back = [this] { return working_ == 0; };
    while (!wait_until(Clock::now() + 1s, all_are_back)) {
        const std::optional<std::string> unanswered = ledger.unanswered_since(Clock::now() - patience);
        if (!unanswered) continue;
        ledger.wrong("no answer ever came, so that the daemon was killed:\n" + *unanswered);
        daemon.kill();
        break;
    }
    crew_.clear();
}

// With each call that is made at the same time as others, one more line to a driver's process is opened, and kept. New processes
// have as many lines as they had calls here, one each.
void Soak::renew_drivers() {
    daemon.kill_drivers();
    Visitor visitor(daemon.address(), ledger);
    const auto end = Clock::now() + time_to_quiet;
    const auto answers = [&](const std::string &target, const std::string &type, int status) {
        const std::string path = "/targets/" + target + "/configurations/" + type + "/nobody";
        visitor.attempt([&] {
            visitor.require(wait_until(end, [&] { return visitor.ask("GET", path).status == status; }),
                            "a driver was killed and is not there again");
        });
    };
    for (const std::string_view cluster : clusters) answers(std::string(cluster), "cm", 404);
    answers("upgraded", "thing", 200);
    for (const Misdeed &misdeed : misdeeds()) answers(std::string(saboteur_prefix) + std::string(misdeed.type), "fine", 200);
}

Footprint Soak::quieten(const Footprint *like) {
    const Footprint used = daemon.footprint();
    renew_drivers();
    const auto end = Clock::now() + time_to_quiet;
    Footprint last = daemon.footprint();
    auto since = Clock::now();
    wait_until(end, [&] {
        const Footprint now = daemon.footprint();
        if (!now.is_as_large_as(last)) since = Clock::now();
        last = now;
        return like ? last.is_as_large_as(*like) : Clock::now() - since > 3s;
    });
    daemon.mind_errors();
    last.memory = used.memory;
    last.drivers_memory = used.drivers_memory;
    return last;
}

void Soak::report(const Footprint &before, const Footprint &after) const {
    std::cout << ledger.questions() << " requests, " << ledger.wrongs() << " wrong\n"
              << misdeeds_[0] << " crashes, " << misdeeds_[1] << " hangs, " << misdeeds_[2] << " floods, "
              << daemon.upgrades_done() << " upgrades\n"
              << "memory of the daemon: " << before.memory << " KiB before, " << after.memory << " KiB after\n"
              << "memory of its drivers but the saboteurs: " << before.drivers_memory << " KiB before, " << after.drivers_memory
              << " KiB after\n"
              << "descriptors: " << before.descriptors << " before, " << after.descriptors << " after\n"
              << "threads: " << before.threads << " before, " << after.threads << " after\n"
              << "processes of drivers: " << before.children.size() << " before, " << after.children.size() << " after\n";
    for (const std::string &wrong : ledger.first_wrongs()) std::cout << "WRONG: " << wrong << "\n";
    if (ledger.wrongs() > 0) std::cout << "the end of the daemon's log:\n" << daemon.end_of_log();
    if (before.descriptors == 0) std::cout << "descriptors are not compared: only root may see those of the daemon\n";
    if (is_sanitized) std::cout << "memory is not compared: a sanitizer keeps what is freed\n";
    std::cout << std::flush;
}

} // namespace

TEST_CASE("drivers that crash, hang, flood and are upgraded cost other targets no answer, and the daemon nothing that lasts") {
    may_take(time_to_soak() + 10min);
    Soak soak;
    soak.load(warm_up, 0s);
    const Footprint before = soak.quieten();
    soak.load(time_to_soak(), between_misdeeds);
    const Footprint after = soak.quieten(&before);
    const std::set<pid_t> children = soak.daemon.footprint().children;
    const int exit_code = soak.daemon.terminate();
    const bool all_ended = wait_until(Clock::now() + 10s, [&] { return std::ranges::none_of(children, is_running); });
    soak.report(before, after);

    CHECK(soak.ledger.wrongs() == 0);
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.threads == before.threads);
    CHECK(after.children.size() == before.children.size());
    if (!is_sanitized) {
        CHECK(after.memory <= before.memory + before.memory / 5 + margin);
        CHECK(after.drivers_memory <= before.drivers_memory + before.drivers_memory / 5 + margin);
    }
    CHECK(exit_code == 0);
    CHECK(all_ended);
}
