// SPDX-License-Identifier: Apache-2.0
//
// The life of a kubectl proxy: when it is started, what happens when it ends, hangs or never comes, and that nothing of it stays.
#include "support/catch.hpp"

#include "child_process.hpp"
#include "context.hpp"
#include "kubectl_driver.hpp"

#include "fake_api.hpp"
#include "fake_kubectl.hpp"

#include <resourcifier/fake_host.hpp>

#include <algorithm>
#include <atomic>
#include <sys/wait.h>

#include <csignal>
#include <thread>

namespace {

using namespace rsf;
using rsf::kubectl::children;
using rsf::kubectl::FakeApi;
using rsf::kubectl::FakeReply;
using rsf::kubectl::FakeRequest;
using rsf::kubectl::ok;
using rsf::kubectl::runs;
using rsf::kubectl::wait_until_gone;

FakeReply any_object(const FakeRequest &request) {
    return request.target.find("/namespaces/") != std::string::npos ? ok({{"kind", "ConfigMap"}, {"metadata", {{"name", "x"}}}})
                                                                    : FakeReply{0, {}};
}

std::unique_ptr<FakeHost> host_over(const FakeApi &api, json::object more = {}) {
    more["kubectl"] = api.kubectl();
    more.emplace("server", "http://localhost:1");
    return std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, std::move(more));
}

bool has_line(const FakeHost &host, std::string_view text) {
    for (const FakeLine &line : host.log())
        if (line.message.find(text) != std::string::npos) return true;
    return false;
}

} // namespace

TEST_CASE("a proxy is started by the first call, serves them all, and ends with the driver; its socket has no name") {
    FakeApi api(any_object);
    std::string pid;
    {
        const auto host = host_over(api);
        CHECK(api.folder.lines("proxies").empty());
        for (int i = 0; i < 5; ++i) CHECK(host->get("cm", "x").succeeded);
        REQUIRE(api.folder.lines("proxies").size() == 1);
        pid = api.folder.lines("proxies").front();
        CHECK(runs(pid));
        const std::filesystem::path socket = api.folder.lines("sockets").at(0);
        CHECK_FALSE(std::filesystem::exists(socket));
        CHECK_FALSE(std::filesystem::exists(socket.parent_path()));
    }
    CHECK_FALSE(runs(pid));
    CHECK(children().empty());
}

TEST_CASE("no secret is on the proxy's command line or in its environment") {
    FakeApi api(any_object);
    const auto host = host_over(api, {{"token", "t0ken"}, {"context", ""}});
    REQUIRE(host->get("cm", "x").succeeded);
    for (const std::string &line : api.folder.lines("calls"))
        CHECK_THAT(line, ContainsSubstring("--user=resourcifierd") && !ContainsSubstring("t0ken"));
    CHECK_THAT(api.folder.read("env"), ContainsSubstring("KUBECONFIG=/proc/self/fd/3\n") && !ContainsSubstring("t0ken"));
    CHECK(json::parse(api.folder.read("kubeconfig")).at("users").at(0).at("user").at("token") == "t0ken");
}

TEST_CASE("a proxy that was killed is replaced, and calls go on") {
    FakeApi api(any_object);
    const auto host = host_over(api);
    REQUIRE(host->get("cm", "x").succeeded);
    const std::string pid = api.folder.lines("proxies").at(0);
    REQUIRE(::kill(std::stoi(pid), SIGKILL) == 0);
    while (api.folder.lines("proxies").size() < 2) std::this_thread::yield(); // by itself: what was warm stays warm
    CHECK(host->get("cm", "x").succeeded);
    CHECK(has_line(*host, "kubectl proxy was ended by signal 9 (Killed); another one is started."));
    CHECK_FALSE(runs(pid));
}

TEST_CASE("a proxy that hangs is found out by a call that waited in vain, and replaced") {
    std::atomic<bool> hangs{true};
    FakeApi api([&](const FakeRequest &request) {
        return hangs ? FakeReply{200, {}, {}, FakeReply::How::silence} : any_object(request);
    });
    const auto host = host_over(api);
    FakeCall call;
    call.type = "cm";
    call.name = "x";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    CHECK(host->perform(call).code == Code::timeout);
    while (!has_line(*host, "kubectl proxy did not answer any more and was ended; another one is started."))
        std::this_thread::yield();
    hangs = false;
    CHECK(host->get("cm", "x").succeeded);
    CHECK(api.folder.lines("proxies").size() == 2);
}

TEST_CASE("a proxy that only the cluster keeps waiting is left alone") {
    FakeApi api([&](const FakeRequest &request) {
        if (request.target.ends_with("/exec")) return kubectl::refusal(403, "Forbidden", "by the proxy itself");
        if (request.target.ends_with("/slow")) return FakeReply{200, {}, {}, FakeReply::How::silence};
        return any_object(request);
    });
    const auto host = host_over(api);
    FakeCall call;
    call.type = "cm";
    call.name = "slow";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    CHECK(host->perform(call).code == Code::timeout);
    const auto has_asked = [&](std::string_view end) {
        const std::vector<std::string> requests = api.requests();
        return std::any_of(requests.begin(), requests.end(), [&](const std::string &line) { return line.ends_with(end); });
    };
    while (!has_asked("/exec") || !has_asked("/version")) std::this_thread::yield();
    CHECK(host->health().object.at("ok") == true);
    CHECK(host->get("cm", "x").succeeded);
    CHECK(api.folder.lines("proxies").size() == 1);
}

TEST_CASE("a proxy that can't be started says why, at once, and is tried again later") {
    FakeApi api(any_object);
    api.folder.write("fails", "error: context \"nowhere\" does not exist\n");
    const auto host = host_over(api);
    const FakeAnswer answer = host->get("cm", "x");
    CHECK(answer.code == Code::internal);
    CHECK(answer.message ==
          "kubectl proxy exited with code 1 before it served: kubectl can't use the target's kubeconfig or settings: "
          "context \"nowhere\" does not exist");
    std::filesystem::remove(api.folder.path() + "/fails");
    FakeAnswer later = host->get("cm", "x");
    while (!later.succeeded) {
        CHECK(later.message == answer.message); // until its rest is over
        later = host->get("cm", "x");
    }
    CHECK(children().size() == 1);
}

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

TEST_CASE("a call that the cluster does not know who asks for is made once more by a new proxy, but no call after call") {
    std::atomic<int> unknown{0}; // how many times in a row
    FakeApi api([&](const FakeRequest &request) {
        if (request.target.ends_with("/x") && unknown > 0) {
            --unknown;
            return kubectl::refusal(401, "Unauthorized", "Unauthorized");
        }
        return any_object(request);
    });
    const auto host = host_over(api);
    REQUIRE(host->get("cm", "x").succeeded);
    unknown = 1; // as after a token that was renewed
    const FakeAnswer answer = host->get("cm", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    CHECK(api.folder.lines("proxies").size() == 2);
    unknown = 1000;
    for (int i = 0; i < 3; ++i) CHECK(host->get("cm", "x").code == Code::unauthorized);
    CHECK(api.folder.lines("proxies").size() == 2);
    CHECK(unknown == 997);
}

TEST_CASE("without credentials a target is unready, with what the program said that gets them, until there are some again") {
    std::atomic<bool> fails{true};
    FakeApi api([&](const FakeRequest &request) {
        if (fails && !request.target.ends_with("/exec")) return FakeReply{500, "getting credentials: exec: exit status 1"};
        return any_object(request);
    });
    api.folder.write("says", "login: the session of anna has ended\n");
    const auto host = host_over(api);
    CHECK(host->health().object.at("ok") == true);
    const FakeAnswer answer = host->get("cm", "x");
    CHECK(answer.code == Code::unauthorized);
    CHECK_THAT(answer.message, ContainsSubstring("getting credentials: exec: exit status 1"));
    json::value health = host->health().object;
    CHECK(health.at("ok") == false);
    while (health.at("reason").as_string().find("login: the session of anna has ended") == json::string::npos)
        health = host->health().object; // the proxy's words come by another way than its answer
    CHECK_THAT(std::string(health.at("reason").as_string()), ContainsSubstring("exit status 1"));
    fails = false;
    while (host->health().object.at("ok") == false) std::this_thread::yield(); // it finds out without a call
    CHECK(host->get("cm", "x").succeeded);
}

TEST_CASE("a target is unready while its cluster is not reached or does not know who asks, and finds out when that is over") {
    struct Row {
        const char *name;
        FakeReply reply;
        const char *reason; // null: it stays ready
    };
    const Row rows[] = {
        {"nothing listens", {500, "dial tcp 127.0.0.1:1: connect: connection refused\n"}, "can't be reached: dial tcp"},
        {"a proxy of few words", {502, ""}, "HTTP status 502"},
        {"a certificate that does not fit", {502, "x509: certificate has expired\n"}, "can't be trusted: x509"},
        {"a token that is none", kubectl::refusal(401, "Unauthorized", "Unauthorized"), "does not know who is asking"},
        {"a server behind the API server", {503, "error trying to reach service: dial tcp: connection refused\n"}, nullptr},
        {"an API server in need", kubectl::refusal(500, "InternalError", "etcd: connection refused"), nullptr},
        {"no such object", kubectl::refusal(404, "NotFound", "configmaps \"x\" not found"), nullptr},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        std::atomic<bool> fails{true};
        FakeApi api([&](const FakeRequest &request) {
            return fails && !request.target.ends_with("/exec") ? row.reply : any_object(request);
        });
        const auto host = host_over(api, {{"namespace", "n"}});
        FakeCall call;
        call.type = "cm";
        call.name = "x";
        call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
        CHECK_FALSE(host->perform(call).succeeded);
        const json::value health = host->health().object;
        CHECK(health.at("ok") == (row.reason == nullptr));
        if (row.reason) CHECK_THAT(std::string(health.at("reason").as_string()), ContainsSubstring(row.reason));
        fails = false;
        while (host->health().object.at("ok") == false) std::this_thread::yield(); // without a call
    }
}

TEST_CASE("a proxy that can't be started makes the target unready until it can, without a call") {
    FakeApi api(any_object);
    api.folder.write("fails", "error: no\n");
    const auto host = host_over(api, {{"namespace", "n"}});
    CHECK_FALSE(host->get("cm", "x").succeeded);
    CHECK(host->health().object.at("ok") == false);
    std::filesystem::remove(api.folder.path() + "/fails");
    while (host->health().object.at("ok") == false) std::this_thread::yield();
}

TEST_CASE("a path of the server's URL is kept, by a kubectl that can") {
    FakeApi api(any_object);
    const auto host = host_over(api, {{"namespace", "n"}});
    REQUIRE(host->get("cm", "x").succeeded);
    CHECK_THAT(api.folder.lines("calls").back(), StartsWith("proxy --append-server-path=true "));

    FakeApi old(any_object); // 1.20
    const std::string script = old.folder.read("kubectl");
    old.folder.script(
        "case \"$*\" in *--append-server-path*) echo 'Error: unknown flag: --append-server-path' >&2; exit 1 ;; esac\n" + script);
    const auto over_old = host_over(old, {{"namespace", "n"}});
    const FakeAnswer answer = over_old->get("cm", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    CHECK_THAT(old.folder.lines("calls").back(), StartsWith("proxy ") && !ContainsSubstring("append"));
}

TEST_CASE("a kubectl that is gone is named") {
    FakeApi api(any_object);
    const auto host = host_over(api);
    std::filesystem::remove(api.kubectl());
    const FakeAnswer answer = host->get("cm", "x");
    CHECK(answer.code == Code::internal);
    CHECK_THAT(answer.message,
               EndsWith("can't be run: No such file or directory. Install kubectl there, or mend the setting kubectl."));
}

TEST_CASE("a driver that ends while its proxy starts does not wait for it") {
    FakeApi api(any_object);
    api.folder.script("echo $$ >> \"$HERE/proxies\"\nexec sleep 1000000"); // never says that it serves
    auto host = host_over(api, {{"namespace", "n"}});
    FakeCall call;
    call.type = "cm";
    call.name = "x";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    CHECK(host->perform(call).code == Code::timeout);
    host.reset();
    CHECK(children().empty());
    for (const std::string &pid : api.folder.lines("proxies")) CHECK_FALSE(runs(pid));
}

TEST_CASE("objects without a namespace go to the setting's, else the context's, else default") {
    const char *view = R"({"current-context": "b", "contexts": [{"name": "a", "context": {"cluster": "c", "namespace": "of-a"}},
        {"name": "b", "context": {"cluster": "c", "namespace": "of-b"}}, {"name": "c", "context": {"cluster": "c"}}]})";
    struct Row {
        const char *name;
        json::object settings;
        const char *ns;
    };
    for (const Row &row : {Row{"the setting's", {{"namespace", "mine"}}, "mine"}, Row{"the current context's", {}, "of-b"},
                           Row{"the named context's", {{"context", "a"}}, "of-a"}, Row{"none", {{"context", "c"}}, "default"}}) {
        INFO(row.name);
        FakeApi api(any_object);
        api.folder.write("view", view);
        json::object settings = row.settings;
        if (settings.contains("context")) settings["config"] = api.folder.write("config", "contexts: [{name: a}, {name: c}]");
        const auto host = host_over(api, std::move(settings));
        CHECK(host->get("cm", "x").succeeded);
        CHECK(api.last().target == "/api/v1/namespaces/" + std::string(row.ns) + "/configmaps/x");
    }
    CHECK(kubectl::context_namespace(R"({"contexts": null})", "").empty());
    CHECK_THROWS_AS(kubectl::context_namespace("nonsense", ""), Error);
}

TEST_CASE("a thousand calls, many at once, share one proxy and leave nothing behind") {
    FakeApi api(any_object);
    const std::size_t before = kubectl::open_descriptors();
    {
        const auto host = host_over(api);
        std::atomic<int> next{0}, wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                while (next++ < 1000) wrong += host->get("cm", "x").succeeded ? 0 : 1;
            });
        for (std::thread &thread : threads) thread.join();
        CHECK(wrong == 0);
        CHECK(api.folder.lines("proxies").size() == 1);
    }
    CHECK(children().empty());
    CHECK(kubectl::open_descriptors() <= before + 8); // the server's ends of the connections, which the test holds
}

TEST_CASE("a child dies with a daemon that is killed") {
    const kubectl::Folder folder;
    const std::string kubectl =
        folder.script("echo $$ > \"$HERE/child.new\"; mv \"$HERE/child.new\" \"$HERE/child\"; exec sleep 1000000");
    const pid_t daemon = ::fork();
    if (daemon == 0) { // a daemon that waits for its kubectl
        kubectl::run({kubectl, {"kubectl"}, {"PATH=/usr/bin:/bin"}}, {std::chrono::steady_clock::time_point::max(), {}});
        ::_exit(0);
    }
    while (folder.lines("child").empty()) std::this_thread::yield();
    const std::string child = folder.lines("child").front();
    CHECK(runs(child));
    ::kill(daemon, SIGKILL);
    wait_until_gone(child);
    CHECK(::waitpid(daemon, nullptr, 0) == daemon);
}
