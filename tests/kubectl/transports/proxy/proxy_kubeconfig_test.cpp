// SPDX-License-Identifier: Apache-2.0
//
// A kubectl proxy whose kubeconfig changes: another one takes its place, and the calls that use it are not disturbed.
#include "support/catch.hpp"

#include "kubectl/transports/proxy/proxy_process.hpp"

#include "kubectl/fakes/proxied.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

namespace {

using rsf::kubectl::children;
using rsf::kubectl::runs;
using rsf::kubectl::proxied::any_object;
using rsf::kubectl::proxied::has_line;
using rsf::kubectl::proxied::host_over;

} // namespace

TEST_CASE("a kubeconfig that changes is read anew, and no call fails for it") {
    FakeApi api(any_object);
    const std::string config = api.folder.write("config", "users: [one]");
    const auto host = host_over(api, {{"config", config}, {"namespace", "n"}});
    REQUIRE(host->get("cm", "x").succeeded);
    REQUIRE(host->get("cm", "x").succeeded);
    CHECK(api.folder.lines("proxies").size() == 1);
    std::filesystem::rename(api.folder.write("config.new", "users: [another]"), config);
    const FakeAnswer answer = host->get("cm", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    REQUIRE(api.folder.lines("proxies").size() == 2);
    CHECK_FALSE(runs(api.folder.lines("proxies").front()));
}

TEST_CASE("a proxy whose kubeconfig has changed is ended when the last call that uses it has ended, and not before") {
    std::atomic<bool> came = false, goes_on = false;
    FakeApi api([&](const FakeRequest &request) {
        if (request.target.ends_with("/slow")) {
            came = true;
            while (!goes_on) std::this_thread::yield();
        }
        return any_object(request);
    });
    const std::string config = api.folder.write("config", "users: [one]");
    const auto host = host_over(api, {{"config", config}, {"namespace", "n"}});
    REQUIRE(host->get("cm", "x").succeeded);
    const std::string first = api.folder.lines("proxies").at(0);
    bool succeeded = false, next_succeeded = false;
    std::thread slow([&] { succeeded = host->get("cm", "slow").code != Code::unavailable; });
    while (!came) std::this_thread::yield();
    std::filesystem::rename(api.folder.write("config.new", "users: [another]"), config);
    std::thread next([&] { next_succeeded = host->get("cm", "x").succeeded; }); // it waits for the new one
    while (!has_line(*host, "has changed: kubectl proxy is started anew")) std::this_thread::yield();
    CHECK(runs(first));
    goes_on = true;
    slow.join();
    next.join();
    CHECK(succeeded);
    CHECK(next_succeeded);
    CHECK_FALSE(runs(first));
    CHECK(api.folder.lines("proxies").size() == 2);
}

TEST_CASE("the event of an endpoint is set when the last of its users has released it") {
    using kubectl::transports::Endpoint;
    const auto owned = std::make_shared<Endpoint>(kubectl::process::FileDescriptor(), "n", "");
    std::shared_ptr<Endpoint> lent = Endpoint::lend(owned), other = lent;
    lent.reset();
    CHECK_FALSE(owned->unused.is_set());
    other.reset();
    CHECK(owned->unused.is_set());
    CHECK(owned.use_count() == 1);
}

TEST_CASE("a kubeconfig that goes, or that names no server any more, is not given to kubectl; calls fail until it is good") {
    struct Row {
        const char *name;
        std::function<void(const FakeApi &, const std::string &)> spoil;
        const char *why;
    };
    const Row rows[] = {
        {"it goes", [](const FakeApi &, const std::string &file) { std::filesystem::remove(file); }, "No such file or directory"},
        {"it is emptied", [](const FakeApi &api, const std::string &) { api.folder.write("config", ""); }, "which is empty"},
        {"a FIFO takes its place",
         [](const FakeApi &, const std::string &file) {
             std::filesystem::remove(file);
             REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
         },
         "which is not a regular file"},
    };
    for (const Row &row : rows)
        for (const char *transport : {"proxy", "exec"}) {
            INFO(row.name << ", " << transport);
            FakeApi api(any_object);
            const std::string config = api.folder.write("config", kubectl::whole_kubeconfig);
            const std::string exec = api.folder.script(
                "echo run >> \"$HERE/runs\"; echo '{\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"x\"}}'", "exec-kubectl");
            const bool is_proxy = std::string_view(transport) == "proxy";
            const auto host = std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>,
                                                         json::object{{"kubectl", is_proxy ? api.kubectl() : exec},
                                                                      {"transport", transport},
                                                                      {"config", config},
                                                                      {"namespace", "n"}});
            REQUIRE(host->get("cm", "x").succeeded);
            const auto asked = [&] { return api.requests().size() + api.folder.lines("runs").size(); };
            const std::size_t before = asked();
            row.spoil(api, config);
            const FakeAnswer answer = host->get("cm", "x");
            CHECK(answer.code == Code::unavailable);
            CHECK(answer.retry == Retry::later);
            CHECK_THAT(answer.message, ContainsSubstring(config) && ContainsSubstring(row.why));
            CHECK(asked() == before);
            CHECK(api.folder.lines("proxies").size() == (is_proxy ? 1 : 0));
            CHECK(host->health().object.at("ok") == false);
            CHECK_THAT(std::string(host->health().object.at("reason").as_string()), ContainsSubstring(row.why));
            std::filesystem::rename(api.folder.write("config.new", kubectl::whole_kubeconfig), config);
            CHECK(host->health().object.at("ok") == true);
            CHECK(host->get("cm", "x").succeeded);
        }
}
