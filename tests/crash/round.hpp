// SPDX-License-Identifier: Apache-2.0
//
// Writers write while the killer kills; then nothing dies any more, all operations end, and what the daemon says of them is held
// against what the clusters have.
#pragma once

#include "crash/check.hpp"
#include "crash/cluster.hpp"
#include "crash/folder_watch.hpp"
#include "crash/killer.hpp"
#include "crash/watch.hpp"
#include "crash/writer.hpp"

#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rsf::test::crash {

struct Totals {
    std::size_t rounds = 0, requests = 0, unanswered = 0, operations = 0, resources = 0, objects = 0, open = 0, foreign = 0;
    std::map<std::string, std::size_t> statuses; // of resources
    std::array<std::size_t, known_count> known{};
    std::array<std::string, known_count> first_known; // the first of each, as a story
    std::vector<std::string> wrongs;
    // Of the last round, since it began: when the last kill was, all operations had ended, and everything was checked.
    std::chrono::duration<double> last_struck{}, last_ended{}, last_checked{};
};

class Rounds {
  public:
    // kept: a folder for the documents of rounds in which something is wrong.
    Rounds(const Clusters &clusters, Killer &killer, std::filesystem::path kept, std::uint64_t seed);

    // False: nothing can be tried after it.
    bool play(std::size_t strikes);
    // Everything that was ever locked can be written.
    void write_all_again();

    const Totals &totals() const { return totals_; }

  private:
    using Objects = std::map<std::string, std::vector<Step>>; // steps by object
    struct Played {
        std::map<std::string, Request> requests; // by id
        std::map<std::string, boost::json::value> operations;
        std::map<std::string, Objects> steps; // by target
    };

    boost::json::value get(const std::string &path) const;
    bool wait_for_ends();
    void repeat_keys(Played &played);
    void read_operations(Played &played);
    void check_requests(const Played &played);
    void check_answer(const Request &request, const boost::json::value &operation);
    void check_operation(Played &played, const boost::json::value &operation);
    void check_objects(Played &played);
    void judge_target(const Target &target, Objects &steps, const std::map<std::string, std::vector<Event>> *events);
    void end_well(const std::string &target, Verb verb);
    void wrong(std::string what);
    void keep(const Played &played) const;

    const Clusters &clusters_;
    Killer &killer_;
    const std::filesystem::path kept_;
    const std::uint64_t seed_;
    std::map<std::string, Contents> before_;                // by target
    std::map<std::string, std::unique_ptr<Watch>> watches_; // by target
    FolderWatch folder_watch_;
    std::string last_operation_;
    Totals totals_;
};

} // namespace rsf::test::crash
