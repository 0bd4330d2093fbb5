// SPDX-License-Identifier: Apache-2.0
//
// Which targets are unready: those whose every call would fail, and not those of which one call took long.
#include "support/catch.hpp"

#include "kubectl/transports/reach.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace {

using rsf::kubectl::transports::Reach;
using How = Reach::Probe::How;

using std::chrono::milliseconds;

constexpr milliseconds never = std::chrono::hours(1); // no routine checks
constexpr milliseconds at_once{0};

bool is_ready(FakeHost &host) { return host.health().object.at("ok").as_bool(); }

void wait_until_ready(FakeHost &host) {
    while (!is_ready(host)) std::this_thread::yield();
}

} // namespace

TEST_CASE("a call without an answer makes a target unready once a check gets none either, and an answer makes it ready") {
    std::atomic<How> found = How::answered;
    std::atomic<int> looks = 0;
    Reach reach(
        [&](const kubectl::process::Event &, milliseconds) {
            const How how = found;
            ++looks;
            return Reach::Probe{how, how == How::refused ? "refused" : ""};
        },
        never);
    const auto wait_for_looks = [&](int count) {
        while (looks < count) std::this_thread::yield();
    };
    CHECK(looks == 0); // the cluster is not asked before somebody wants to know
    CHECK_THAT(reach.why(), ContainsSubstring("not known yet"));
    while (!reach.why().empty()) std::this_thread::yield();
    reach.note_silence("late");
    wait_for_looks(2);
    while (!reach.why().empty()) std::this_thread::yield();

    found = How::silent;
    while (reach.why().empty()) reach.note_silence("late"); // the answer above may be noted after the first of them
    CHECK(reach.why() == "late");
    found = How::not_done; // it says nothing
    for (const int before = looks; looks < before + 2;) CHECK(reach.why() == "late");
    found = How::refused;
    while (reach.why() != "refused") std::this_thread::yield();
    found = How::answered;
    while (!reach.why().empty()) std::this_thread::yield();

    found = How::silent;
    reach.note_refusal("no");
    CHECK(reach.why() == "no");
    reach.note_answer();
    CHECK(reach.why().empty());
}

TEST_CASE("a background check ends at once when its owner is destroyed") {
    std::atomic<bool> looks = false, ended = false;
    {
        Reach reach(
            [&](const kubectl::process::Event &stop, milliseconds) {
                looks = true;
                pollfd polled{stop.descriptor(), POLLIN, 0};
                ended = ::poll(&polled, 1, -1) == 1;
                return Reach::Probe{How::not_done};
            },
            never);
        reach.why();
        while (!looks) std::this_thread::yield();
    }
    CHECK(ended);
}

TEST_CASE("a check without an answer does not count when a call was answered meanwhile") {
    std::atomic<bool> looks = false, goes_on = false;
    std::atomic<int> done = 0;
    Reach reach(
        [&](const kubectl::process::Event &, milliseconds) {
            looks = true;
            while (!goes_on) std::this_thread::yield();
            ++done;
            return Reach::Probe{How::silent};
        },
        never);
    reach.note_answer();
    reach.note_silence("late");
    while (!looks) std::this_thread::yield();
    reach.note_answer();
    goes_on = true;
    reach.note_silence("later"); // leads to one more check, also without a why()
    while (done < 2) std::this_thread::yield();
    while (reach.why() != "later") CHECK(reach.why() != "late");
}

TEST_CASE("a call that was answered, or refused, while a check was under way counts, and not the check") {
    std::atomic<bool> looks = false, goes_on = false;
    std::atomic<How> found = How::answered;
    Reach reach(
        [&](const kubectl::process::Event &, milliseconds) {
            const How how = found;
            looks = true;
            while (!goes_on) std::this_thread::yield();
            return Reach::Probe{how, "by a check"};
        },
        never);
    reach.why();
    while (!looks) std::this_thread::yield();
    reach.note_refusal("by a call");
    found = How::refused; // for the next check, which begins after the call
    goes_on = true;
    std::string why;
    do {
        why = reach.why();
        CHECK_FALSE(why.empty());
    } while (why != "by a check");
}

TEST_CASE("without calls, a failure is found and found to be over, by checks of little time, while somebody asks") {
    std::atomic<How> found = How::answered;
    std::atomic<milliseconds::rep> time = 0;
    Reach reach(
        [&](const kubectl::process::Event &, milliseconds at_most) {
            time = at_most.count();
            return Reach::Probe{found, "refused"};
        },
        at_once);
    while (!reach.why().empty()) std::this_thread::yield();
    for (const How how : {How::refused, How::silent}) {
        found = how;
        while (reach.why().empty()) std::this_thread::yield();
        CHECK(reach.why() == (how == How::refused ? "refused" : "The cluster did not answer in time."));
        found = How::answered;
        while (!reach.why().empty()) std::this_thread::yield();
        while (time != 5000) std::this_thread::yield();
    }
    found = How::not_done; // it says nothing
    for (int i = 0; i < 1000; ++i) CHECK(reach.why().empty());
}

TEST_CASE("while nobody asks, or calls are answered, the cluster is not checked") {
    std::atomic<int> looks = 0;
    const auto count = [&](const kubectl::process::Event &, milliseconds) {
        ++looks;
        return Reach::Probe{How::answered};
    };
    {
        Reach unwatched(count, at_once);
        for (int i = 0; i < 1000; ++i) unwatched.note_answer();
    }
    CHECK(looks == 0);
    {
        Reach used(count, never);
        used.note_answer();
        for (int i = 0; i < 1000; ++i) CHECK(used.why().empty());
    }
    CHECK(looks == 0);
}

TEST_CASE("over the proxy, a cluster that answers nothing makes the target unready until it answers") {
    std::atomic<bool> is_silent = false;
    FakeApi api([&](const FakeRequest &request) {
        // Which the proxy answers by itself.
        if (request.target.ends_with("/exec")) return kubectl::refusal(403, "Forbidden", "no");
        if (is_silent || request.target.ends_with("/slow")) return FakeReply{200, {}, {}, FakeReply::How::silence};
        if (request.target == "/version" || request.target == "/api/v1") return FakeReply{0, {}};
        return ok({{"kind", "ConfigMap"}, {"metadata", {{"name", "x"}}}});
    });
    FakeHost host(
        driver_entry<kubectl::KubectlDriver>,
        {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "n"}, {"request_timeout", "500ms"}});
    wait_until_ready(host);
    is_silent = true;
    while (is_ready(host)) CHECK(get_within(host, "x", std::chrono::seconds(20)).code == Code::timeout);
    CHECK_THAT(std::string(host.health().object.at("reason").as_string()), ContainsSubstring("did not answer in time"));
    is_silent = false;
    wait_until_ready(host);

    // One call alone.
    const std::size_t before = api.requests().size();
    const auto has_looked = [&] {
        const std::vector<std::string> requests = api.requests();
        return std::find(requests.begin() + static_cast<std::ptrdiff_t>(before), requests.end(), "GET /version") !=
               requests.end();
    };
    while (!has_looked()) {
        CHECK(get_within(host, "slow", std::chrono::seconds(20)).code == Code::timeout);
        CHECK(is_ready(host));
    }
    CHECK(get_within(host, "x", std::chrono::seconds(20)).succeeded);
    CHECK(is_ready(host));
}

TEST_CASE("over processes, a kubectl that never ends or is never answered makes the target unready until it is") {
    const char *ways[] = {
        "exec sleep 1000",
        "echo 'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)' >&2; exit 1"};
    for (const char *way : ways) {
        INFO(way);
        Folder folder;
        const std::string fine = R"(case "$*" in *--raw=/version*) echo '{}' ;;
            *) echo '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n"}}' ;; esac)";
        const auto become = [&](const std::string &script) {
            folder.script(script, "new");
            std::filesystem::rename(folder.path() + "/new", folder.path() + "/kubectl");
        };
        FakeHost host(driver_entry<kubectl::KubectlDriver>, {{"kubectl", folder.script(fine)},
                                                             {"server", "http://localhost:1"},
                                                             {"namespace", "n"},
                                                             {"transport", "exec"},
                                                             {"request_timeout", "1s"}});
        wait_until_ready(host);
        become(way);
        // On a slow machine the time of one call may be over before kubectl runs: that tells nothing of the cluster.
        while (is_ready(host)) CHECK(get_within(host, "x", std::chrono::milliseconds(300)).code == Code::timeout);
        CHECK_THAT(std::string(host.health().object.at("reason").as_string()), ContainsSubstring("did not answer in time"));
        become(fine);
        wait_until_ready(host);
        CHECK(get_within(host, "x", std::chrono::seconds(20)).succeeded);
        // One call alone: a look that is answered leaves the target ready.
        become("case \"$*\" in *--raw=/version*) : > \"$HERE/looked\"; echo '{}' ;; *) exec sleep 1000 ;; esac");
        while (!std::filesystem::exists(folder.path() + "/looked")) {
            CHECK(get_within(host, "x", std::chrono::milliseconds(300)).code == Code::timeout);
            CHECK(is_ready(host));
        }
        CHECK(is_ready(host));
    }
}
