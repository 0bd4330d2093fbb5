// SPDX-License-Identifier: Apache-2.0
#include "crash/killer.hpp"

#include "crash/objects.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace rsf::test::crash {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto time_to_die = 1000ms; // after SIGKILL
constexpr int most_starts = 8;       // in a row that a failpoint ended, or the end of the last daemon's drivers

// Where the kernel tells of a process: its parent, its name.
struct Process {
    int pid, parent;
    std::string name;
};

std::vector<Process> processes() {
    std::vector<Process> all;
    std::error_code failed;
    for (fs::directory_iterator each("/proc", failed), end; each != end && !failed; each.increment(failed)) {
        const int pid = std::atoi(each->path().filename().c_str());
        if (pid <= 0) continue;
        std::ifstream file(each->path() / "stat");
        std::string text;
        std::getline(file, text);
        const auto open = text.find('('), close = text.rfind(')');
        if (open == text.npos || close == text.npos || close + 4 > text.size()) continue; // it has just ended
        all.push_back({pid, std::atoi(text.c_str() + close + 4), text.substr(open + 1, close - open - 1)});
    }
    return all;
}

std::vector<Process> children_of(int parent, std::string_view name) {
    std::vector<Process> some = processes();
    std::erase_if(some,
                  [&](const Process &each) { return each.parent != parent || !std::string_view(each.name).starts_with(name); });
    return some;
}

} // namespace

Killer::Killer(const TempFolder &folder, const Clusters &clusters, std::uint64_t seed)
    : folder_(folder), clusters_(clusters), random_(seed), failpoints_(folder / "failpoints"), tries_(shared::failpoints.size()) {
}

std::string Killer::address() const {
    const std::lock_guard lock(mutex_);
    return address_;
}

std::string Killer::log() const { return last_log_ + (daemon_ ? daemon_->log() : ""); }

std::size_t Killer::all_kills() const {
    std::size_t sum = failpoints_.all_kills();
    for (const auto &[what, count] : kills_) sum += count;
    return sum;
}

void Killer::note_mistake(std::string what) {
    std::cout << "WRONG: " << what << std::endl;
    mistakes_.push_back(std::move(what));
}

bool Killer::is_dead() const {
    siginfo_t status{};
    return !daemon_ ||
           (::waitid(P_PID, static_cast<id_t>(daemon_->pid()), &status, WEXITED | WNOHANG | WNOWAIT) == 0 && status.si_pid != 0);
}

bool Killer::dies_within(std::chrono::milliseconds time) const {
    for (const auto end = Clock::now() + time; Clock::now() < end; std::this_thread::sleep_for(5ms))
        if (is_dead()) return true;
    return is_dead();
}

// The log is kept for whoever looks for a reason.
void Killer::bury() {
    if (!daemon_) return;
    siginfo_t status{};
    ::waitid(P_PID, static_cast<id_t>(daemon_->pid()), &status, WEXITED | WNOWAIT);
    last_log_ = daemon_->log();
    // Here all die by SIGKILL; another end is a fault.
    if (status.si_code != CLD_KILLED || status.si_status != SIGKILL)
        note_mistake("A daemon ended of itself, with status " + std::to_string(status.si_status) + ":\n" + last_log_);
    constexpr std::string_view ended = "was ended by signal ";
    for (auto at = last_log_.find(ended); at != last_log_.npos; at = last_log_.find(ended, at + 1))
        if (last_log_.compare(at + ended.size(), 2, "9 ") != 0)
            note_mistake("A driver crashed: " + last_log_.substr(last_log_.rfind('\n', at) + 1, 500));
    daemon_.reset();
    note_queued();
    make_foreign();
}

void Killer::start() {
    if (has_ended_) throw std::runtime_error("the test has ended");
    const std::string settings = "store: sqlite:" + (folder_ / "operations.db").string() +
                                 "\ndefault_target: embedded\nafter_restart: " + (random(3) == 0 ? "stop" : "resume") + "\n";
    daemon_ = std::make_unique<DaemonProcess>(clusters_.settings(), settings, Surroundings{{}, {failpoints_.variable()}});
    const std::lock_guard lock(mutex_);
    address_ = "unix:" + (daemon_->folder() / "socket").string();
}

void Killer::keep_up() {
    if (!is_dead()) return;
    bury();
    std::string why;
    for (int turn = 0; turn < most_starts; ++turn) {
        const std::uint32_t before = failpoints_.all_kills();
        try {
            return start();
        } catch (const std::runtime_error &error) {
            why = error.what();
            if (failpoints_.all_kills() == before) note_mistake("A daemon did not start: " + why);
        }
        std::this_thread::sleep_for(100ms);
    }
    throw std::runtime_error("the daemon does not start, which was tried " + std::to_string(most_starts) + " times: " + why);
}

void Killer::kill_daemon() {
    if (!daemon_) return;
    daemon_->signal(SIGKILL);
    ++kills_["daemon"];
    bury();
}

void Killer::end() {
    has_ended_ = true;
    for (const Process &each : children_of(::getpid(), "resourcifierd")) ::kill(each.pid, SIGKILL);
}

void Killer::check_store() {
    if (!daemon_) return;
    const Ended checked = run_program(
        {TEST_BINARY_DIR "/bin/resourcifierd", "--settings", (daemon_->folder() / "settings.yaml").string(), "store", "check"});
    if (checked.exit_code != 0) note_mistake("The store is not as it was written: " + checked.out + checked.err);
}

void Killer::disarm() {
    for (std::size_t i = 0; i < shared::failpoints.size(); ++i) failpoints_.disarm(i);
}

void Killer::make_peace() {
    disarm();
    dies_within(time_to_die); // what was killed just now may still answer
    keep_up();
}

// The file is copied, so that what a crash left of it is for the daemon to find.
void Killer::note_queued() {
    const fs::path file = folder_ / "operations.db", copy = folder_ / "copy.db";
    if (!fs::exists(file)) return;
    for (const char *more : {"", "-wal"}) {
        fs::remove(copy.string() + more);
        if (fs::exists(file.string() + more)) fs::copy_file(file.string() + more, copy.string() + more);
    }
    try {
        SQLite::Database database(copy.string(), SQLite::OPEN_READWRITE);
        SQLite::Statement rows(database, "SELECT id FROM operations WHERE ended IS NULL AND state = 'queued'");
        queued_at_crash_.clear(); // what had begun since may be unknown
        while (rows.executeStep()) queued_at_crash_.insert(rows.getColumn(0).getString());
    } catch (const std::exception &error) {
        note_mistake(std::string("The store can't be read after a crash: ") + error.what());
    }
}

// Somebody makes an object while there is no daemon, which may have been about to delete it.
void Killer::make_foreign() {
    if (random(3) != 0) return;
    const Target &target = clusters_.targets()[random(clusters_.targets().size())];
    Foreign made{target.name, hot_object(random(hot_objects)), "foreign-" + std::to_string(++foreign_count_), now_in_ms(), 0};
    if (!clusters_.create(target, made.object, made.marker)) return;
    made.ended = now_in_ms();
    foreign_.push_back(std::move(made));
}

void Killer::strike() {
    keep_up();
    const std::size_t dice = random(100);
    if (dice < 50) {
        strike_at_failpoint();
    } else if (dice < 70) {
        std::this_thread::sleep_for(std::chrono::milliseconds(random(600)));
        kill_daemon();
    } else if (dice < 84) {
        strike_driver();
    } else if (dice < 98 || !clusters_.has_control_plane()) {
        strike_kubectl();
    } else {
        strike_api_server();
    }
    keep_up();
}

// Those that were hit least come first.
std::size_t Killer::choose_failpoint() {
    std::size_t best = random(shared::failpoints.size());
    for (int turn = 0; turn < 8; ++turn) {
        const std::size_t other = random(shared::failpoints.size());
        const bool is_possible = clusters_.has_control_plane() || !shared::failpoints[other].starts_with("kubectl.");
        const auto worth = [&](std::size_t point) { return std::pair(failpoints_.kills(point), tries_[point]); };
        if (is_possible && worth(other) < worth(best)) best = other;
    }
    return best;
}

void Killer::strike_at_failpoint() {
    const std::size_t point = choose_failpoint();
    const std::uint32_t before = failpoints_.kills(point);
    ++tries_[point];
    failpoints_.arm(point, static_cast<std::uint32_t>(1 + (random(2) == 0 ? random(3) : random(40))));
    const auto strikes_within = [&](std::chrono::milliseconds time) {
        for (const auto end = Clock::now() + time; Clock::now() < end && failpoints_.kills(point) == before;)
            std::this_thread::sleep_for(5ms);
        return failpoints_.kills(point) > before;
    };
    if (!strikes_within(700ms)) failpoints_.hasten(point);
    if (!strikes_within(300ms)) { // some are passed after a restart alone
        kill_daemon();
        keep_up();
        strikes_within(1500ms);
    }
    failpoints_.disarm(point);
    dies_within(50ms); // it is being killed
}

void Killer::strike_driver() {
    std::this_thread::sleep_for(std::chrono::milliseconds(random(300)));
    const std::vector<Process> drivers = children_of(daemon_->pid(), "driver ");
    if (drivers.empty()) return;
    ::kill(drivers[random(drivers.size())].pid, SIGKILL);
    ++kills_["driver process"];
}

void Killer::strike_kubectl() {
    const bool wants_exec = random(3) != 0;
    for (const auto end = Clock::now() + 500ms; Clock::now() < end; std::this_thread::sleep_for(2ms)) {
        for (const Process &driver : children_of(daemon_->pid(), wants_exec ? "driver exec" : "driver proxy")) {
            const std::vector<Process> found = children_of(driver.pid, "kubectl");
            if (found.empty()) continue;
            std::this_thread::sleep_for(std::chrono::milliseconds(random(80)));
            if (::kill(found.front().pid, SIGKILL) != 0) continue;
            ++kills_[wants_exec ? "kubectl" : "kubectl proxy"];
            return;
        }
        if (is_dead()) return;
    }
}

void Killer::strike_api_server() {
    std::this_thread::sleep_for(std::chrono::milliseconds(random(300)));
    clusters_.kill_api_server();
    ++kills_["API server"];
    if (random(2) == 0) kill_daemon();
    clusters_.start_api_server();
}

} // namespace rsf::test::crash
