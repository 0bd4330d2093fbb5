// SPDX-License-Identifier: Apache-2.0
#include "soak/saboteurs.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <chrono>
#include <thread>

namespace rsf::test {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Kind = Misdeed::Kind;

// The target's timeout of three seconds and the daemon's abandon_after of five, and as much for a machine that has other things
// to do.
constexpr auto longest = 20s;
constexpr auto time_to_return = 60s;
constexpr auto between_attempts = 50ms;

constexpr std::array known{
    Misdeed{"segv", 502, "was ended by signal 11 (Segmentation fault)", Kind::crash},
    Misdeed{"hang", 504, "did not return from get", Kind::hang},
    Misdeed{"log", 200, "", Kind::flood},
    Misdeed{"abort", 502, "was ended by signal 6 (Aborted)", Kind::crash},
    Misdeed{"spin", 504, "did not return from get", Kind::hang},
    Misdeed{"print", 200, "", Kind::flood},
    Misdeed{"exit", 502, "ended its own process with exit code 3", Kind::crash},
    Misdeed{"kill", 502, "was ended by signal 9 (Killed)", Kind::crash},
    Misdeed{"shout", 504, "did not return from get", Kind::flood},
    Misdeed{"stack", 502, "was ended by signal 11 (Segmentation fault)", Kind::crash},
    Misdeed{"scribble", 502, "so that it was ended by signal 9 (Killed)", Kind::crash},
    Misdeed{"close", 502, "closed its connection to the daemon", Kind::crash},
};

std::string path_of(const Misdeed &misdeed, std::string_view type, std::string_view name) {
    return "/targets/" + std::string(saboteur_prefix) + std::string(misdeed.type) + "/configurations/" + std::string(type) + "/" +
           std::string(name);
}

// A new process answers as soon as it is there. A busy machine may need longer for that than a call has: then the answer says so,
// and a client asks again.
void expect_return(const Misdeed &misdeed, Visitor &visitor) {
    HttpAnswer answer;
    for (const auto end = Clock::now() + time_to_return; Clock::now() < end; std::this_thread::sleep_for(between_attempts)) {
        answer = visitor.ask("GET", path_of(misdeed, "fine", "after"));
        if (answer.status != 503) break;
        visitor.require(answer.body.find("; it is being started again") != std::string::npos, "it is not being started again");
    }
    visitor.require(answer.status == 200, "it does not return");
    visitor.require(boost::json::parse(answer.body).at("name") == "after", "another name is answered");
}

} // namespace

std::span<const Misdeed> misdeeds() { return known; }

// Few threads: each keeps memory from its first call on, and a misdeed now and then would take minutes to have called them all.
std::string saboteur_targets() {
    std::string text;
    for (const Misdeed &misdeed : known)
        text += "  " + std::string(saboteur_prefix) + std::string(misdeed.type) +
                ": {driver: " TEST_BINARY_DIR "/tests/drivers/saboteur.so, timeout: 3s, concurrency: 2}\n";
    return text;
}

void commit(const Misdeed &misdeed, Visitor &visitor) {
    const auto begun = Clock::now();
    const HttpAnswer answer = visitor.ask("GET", path_of(misdeed, misdeed.type, "misdeed"));
    visitor.require(Clock::now() - begun < longest, "it took longer than a hang may");
    // A flood that meets a busy machine may not be over in time.
    const bool is_late = misdeed.kind == Kind::flood && answer.status == 504;
    visitor.require(answer.status == misdeed.status || is_late, "a misdeed's status is not " + std::to_string(misdeed.status));
    const boost::json::value said = boost::json::parse(answer.body);
    if (answer.status == 200)
        visitor.require(said.at("name") == "misdeed", "another name is answered");
    else
        visitor.require(is_late || said.at("detail").as_string().find(misdeed.says) != std::string::npos,
                        "the sentence is not the one for this misdeed");
    expect_return(misdeed, visitor);
}

} // namespace rsf::test
