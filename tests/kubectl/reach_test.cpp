// SPDX-License-Identifier: Apache-2.0
//
// Which targets are unready: those whose every call would fail, and not those of which one call took long.
#include "support/catch.hpp"

#include "kubectl_driver.hpp"
#include "reach.hpp"

#include "fake_api.hpp"
#include "fake_kubectl.hpp"

#include <resourcifier/fake_host.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace {

using namespace rsf;
using rsf::kubectl::FakeApi;
using rsf::kubectl::FakeReply;
using rsf::kubectl::FakeRequest;
using rsf::kubectl::Folder;
using rsf::kubectl::ok;
using rsf::kubectl::Reach;
using How = Reach::Look::How;

FakeAnswer got_within(FakeHost &host, const char *name, std::chrono::milliseconds time) {
    FakeCall call;
    call.type = "cm";
    call.name = name;
    call.deadline = std::chrono::steady_clock::now() + time;
    return host.perform(call);
}

bool is_ready(FakeHost &host) { return host.health().object.at("ok").as_bool(); }

} // namespace

TEST_CASE("silence counts once a look finds it too, and an answer ends it") {
    std::atomic<How> found = How::answered;
    std::atomic<int> looks = 0;
    Reach reach([&](const std::function<bool()> &) {
        const How how = found;
        ++looks;
        return Reach::Look{how, how == How::refused ? "refused" : ""};
    });
    const auto wait_for_looks = [&](int count) {
        while (looks < count) std::this_thread::yield();
    };
    CHECK(reach.why().empty());
    CHECK(looks == 0); // nobody is asked without need
    reach.note_silence("late");
    wait_for_looks(1);
    while (!reach.is_clear()) CHECK(reach.why().empty());

    found = How::silent;
    reach.note_silence("late");
    while (reach.why().empty()) std::this_thread::yield();
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

TEST_CASE("silence does not count where a call was answered meanwhile") {
    std::atomic<bool> looks = false, goes_on = false;
    std::atomic<int> done = 0;
    Reach reach([&](const std::function<bool()> &) {
        looks = true;
        while (!goes_on) std::this_thread::yield();
        ++done;
        return Reach::Look{How::silent};
    });
    reach.note_silence("late");
    while (!looks) std::this_thread::yield();
    reach.note_answer();
    goes_on = true;
    reach.note_silence("later"); // asks once more: then the first look is over
    while (done < 2) {
        CHECK(reach.why() != "late");
        std::this_thread::yield();
    }
}

TEST_CASE("over the proxy, a cluster that answers nothing makes the target unready until it answers") {
    std::atomic<bool> is_silent = true;
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
    CHECK(got_within(host, "x", std::chrono::seconds(20)).code == Code::timeout);
    while (is_ready(host)) std::this_thread::yield();
    CHECK_THAT(std::string(host.health().object.at("reason").as_string()), ContainsSubstring("did not answer in time"));
    is_silent = false;
    while (!is_ready(host)) std::this_thread::yield();

    // One call alone.
    const std::size_t before = api.requests().size();
    CHECK(got_within(host, "slow", std::chrono::seconds(20)).code == Code::timeout);
    const auto has_looked = [&] {
        const std::vector<std::string> requests = api.requests();
        return std::find(requests.begin() + static_cast<std::ptrdiff_t>(before), requests.end(), "GET /version") !=
               requests.end();
    };
    while (!has_looked()) CHECK(is_ready(host));
    CHECK(got_within(host, "x", std::chrono::seconds(20)).succeeded);
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
        FakeHost host(driver_entry<kubectl::KubectlDriver>, {{"kubectl", folder.script(way)},
                                                             {"server", "http://localhost:1"},
                                                             {"namespace", "n"},
                                                             {"transport", "exec"},
                                                             {"request_timeout", "1s"}});
        CHECK(got_within(host, "x", std::chrono::milliseconds(300)).code == Code::timeout);
        while (is_ready(host)) std::this_thread::yield();
        CHECK_THAT(std::string(host.health().object.at("reason").as_string()), ContainsSubstring("did not answer in time"));
        folder.script(fine, "new");
        std::filesystem::rename(folder.path() + "/new", folder.path() + "/kubectl");
        while (!is_ready(host)) std::this_thread::yield();
        CHECK(got_within(host, "x", std::chrono::seconds(20)).succeeded);
        // One call alone: a look that is answered leaves the target ready.
        folder.script("case \"$*\" in *--raw=/version*) : > \"$HERE/looked\"; echo '{}' ;; *) exec sleep 1000 ;; esac", "new");
        std::filesystem::rename(folder.path() + "/new", folder.path() + "/kubectl");
        CHECK(got_within(host, "x", std::chrono::milliseconds(300)).code == Code::timeout);
        while (!std::filesystem::exists(folder.path() + "/looked")) CHECK(is_ready(host));
        CHECK(is_ready(host));
    }
}
