// SPDX-License-Identifier: Apache-2.0
//
// ./dev crash: kills the daemon, its drivers, kubectl and the API server at random moments and at every failpoint, while clients
// write, and checks after each round that all that the daemon says of its operations is true.
#include "crash/round.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unistd.h>

using namespace rsf::test::crash;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t fewest_strikes = 10, most_strikes = 24; // in a round
constexpr auto longest_round = 1800s;

// Known faults, in the order of Known, that are counted but fail no run. To be emptied as they are corrected.
constexpr std::array<bool, known_count> is_tolerated{};

struct Options {
    std::chrono::minutes time{3};
    std::uint64_t seed = std::random_device{}();
    bool is_strict = false;
};

[[noreturn]] void usage() {
    std::cerr << "usage: crash_test [--minutes N] [--seed S] [--strict]\n";
    std::exit(2);
}

Options read_options(int argc, char **argv) {
    Options options;
    for (int i = 1; i < argc; ++i) try {
            const std::string word = argv[i];
            if (word == "--minutes" && i + 1 < argc)
                options.time = std::chrono::minutes(std::stoul(argv[++i]));
            else if (word == "--seed" && i + 1 < argc)
                options.seed = std::stoull(argv[++i]);
            else if (word == "--strict")
                options.is_strict = true;
            else
                usage();
        } catch (const std::exception &) {
            usage();
        }
    return options;
}

volatile std::sig_atomic_t was_interrupted = 0;

// Ends this process, and all that it started, when somebody interrupts it or a round hangs in what has no limit of its own.
class Guard {
  public:
    Guard(std::filesystem::path folder, const Clusters &clusters, Killer &killer)
        : folder_(std::move(folder)), thread_([this, &clusters, &killer] { watch(clusters, killer); }) {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { was_interrupted = 1; });
    }
    ~Guard() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    void begin_round() {
        const std::lock_guard lock(mutex_);
        until_ = Clock::now() + longest_round;
    }

  private:
    void watch(const Clusters &clusters, Killer &killer) {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (was_interrupted == 0 && Clock::now() < until_) {
                changed_.wait_for(lock, 200ms);
                continue;
            }
            if (was_interrupted != 0)
                std::cout << "Interrupted: nothing is told." << std::endl;
            else
                std::cout << "WRONG: a round takes longer than " << longest_round.count() << " s: something waits for ever\n"
                          << killer.log() << std::endl;
            killer.end();
            clusters.end();
            killer.end(); // one that was just being started
            std::error_code ignored;
            std::filesystem::remove_all(folder_, ignored);
            ::_exit(1);
        }
    }

    const std::filesystem::path folder_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    Clock::time_point until_ = Clock::now() + longest_round;
    std::thread thread_; // last: it uses all of the above
};

// Whether all is well.
bool report(const Options &options, const Killer &killer, const Totals &totals) {
    std::cout << "\nseed " << options.seed << ": " << killer.all_kills() << " kills in " << totals.rounds << " rounds\n";
    for (const auto &[what, count] : killer.kills()) std::cout << "  " << count << " of the " << what << " at a random moment\n";
    std::cout << "  " << killer.failpoints().all_kills() << " at failpoints:\n";
    std::size_t missed = 0;
    for (std::size_t i = 0; i < rsf::shared::failpoints.size(); ++i) {
        const FailpointFile &points = killer.failpoints();
        std::cout << "    " << points.kills(i) << " at " << rsf::shared::failpoints[i] << ", passed " << points.passes(i)
                  << " times\n";
        missed += points.kills(i) == 0 ? 1 : 0;
    }
    for (std::size_t i = 0; i < rsf::shared::failpoints.size(); ++i)
        if (killer.failpoints().kills(i) == 0) std::cout << "  NOT HIT: " << rsf::shared::failpoints[i] << "\n";
    std::cout << totals.requests << " requests, " << totals.unanswered << " without an answer; " << totals.operations
              << " operations with " << totals.resources << " resources:";
    for (const auto &[status, count] : totals.statuses) std::cout << " " << count << " " << status;
    std::cout << "\n"
              << totals.foreign << " objects made by a foreign client; " << totals.objects << " verdicts on an object, "
              << totals.open << " of them left open: too many orders are possible\n";
    std::size_t known = 0, tolerated = 0;
    for (std::size_t i = 0; i < known_count; ++i) {
        if (totals.known[i] == 0) continue;
        const bool passes = is_tolerated.at(i) && !options.is_strict;
        (passes ? tolerated : known) += totals.known[i];
        std::cout << totals.known[i] << (passes ? " TOLERATED: " : " WRONG: ") << sentence_of(static_cast<Known>(i))
                  << ". The first, " << totals.first_known[i].substr(0, 1500) << "\n";
    }
    const std::size_t wrongs = totals.wrongs.size() + killer.mistakes().size() + known;
    std::cout << killer.all_kills() << " kills, " << wrongs << " wrong, " << tolerated << " known faults that are tolerated, "
              << missed << " failpoints not hit; seed " << options.seed << std::endl;
    return wrongs == 0;
}

bool run(const Options &options) {
    std::cout.precision(3);
    std::cout << "seed " << options.seed << ", for " << options.time.count() << " minutes" << std::endl;
    const rsf::test::TempFolder folder;
    const Clusters clusters(folder);
    Killer killer(folder, clusters, options.seed);
    Guard guard(folder.path(), clusters, killer);
    std::mt19937_64 random(options.seed + 1);
    const auto end = Clock::now() + options.time;
    killer.keep_up();
    Rounds rounds(clusters, killer, TEST_BINARY_DIR "/failed", options.seed);
    bool goes_on = true;
    while (goes_on && Clock::now() < end) {
        guard.begin_round();
        goes_on = rounds.play(std::uniform_int_distribution<std::size_t>(fewest_strikes, most_strikes)(random));
        const Totals &totals = rounds.totals();
        std::cout << "round " << totals.rounds << ": " << killer.all_kills() << " kills, " << totals.operations << " operations, "
                  << totals.wrongs.size() << " wrong; killed for " << totals.last_struck.count() << " s, ended after "
                  << totals.last_ended.count() << " s, checked after " << totals.last_checked.count() << " s" << std::endl;
    }
    guard.begin_round();
    if (goes_on) rounds.write_all_again();
    killer.check_store();
    return report(options, killer, rounds.totals());
}

} // namespace

int main(int argc, char **argv) try { return run(read_options(argc, argv)) ? 0 : 1; } catch (const std::exception &error) {
    std::cout << "WRONG: " << error.what() << std::endl;
    return 1;
}
