// SPDX-License-Identifier: Apache-2.0
//
// The life of a kubectl proxy: when it is started, what happens when it ends, hangs or never comes, and that nothing of it stays.
#include "support/catch.hpp"

#include "kubectl/process/child_process.hpp"
#include "kubectl/transports/context.hpp"

#include "kubectl/fakes/proxied.hpp"

#include <algorithm>
#include <atomic>
#include <sys/wait.h>

#include <csignal>
#include <thread>

namespace {

using rsf::kubectl::children;
using rsf::kubectl::runs;
using rsf::kubectl::wait_until_gone;
using rsf::kubectl::proxied::any_object;
using rsf::kubectl::proxied::has_line;
using rsf::kubectl::proxied::host_over;

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

TEST_CASE("a proxy that hangs is replaced after a call that got no answer") {
    std::atomic<bool> hangs{false};
    FakeApi api([&](const FakeRequest &request) {
        return hangs ? FakeReply{200, {}, {}, FakeReply::How::silence} : any_object(request);
    });
    const auto host = host_over(api);
    REQUIRE(host->get("cm", "x").succeeded);
    hangs = true;
    // On a slow machine the time of one call may be over before it is sent: that tells nothing of the proxy.
    while (!has_line(*host, "kubectl proxy did not answer any more and was ended; another one is started."))
        CHECK(get_within(*host, "x", std::chrono::milliseconds(500)).code == Code::timeout);
    hangs = false;
    CHECK(host->get("cm", "x").succeeded);
    CHECK(api.folder.lines("proxies").size() >= 2);
}

TEST_CASE("a proxy that waits for the cluster is not replaced") {
    FakeApi api([&](const FakeRequest &request) {
        if (request.target.ends_with("/exec")) return kubectl::refusal(403, "Forbidden", "by the proxy itself");
        if (request.target.ends_with("/slow")) return FakeReply{200, {}, {}, FakeReply::How::silence};
        return any_object(request);
    });
    const auto host = host_over(api);
    REQUIRE(host->get("cm", "x").succeeded);
    const auto has_asked = [&](std::string_view end) {
        const std::vector<std::string> requests = api.requests();
        return std::any_of(requests.begin(), requests.end(), [&](const std::string &line) { return line.ends_with(end); });
    };
    while (!has_asked("/exec") || !has_asked("/version"))
        CHECK(get_within(*host, "slow", std::chrono::milliseconds(300)).code == Code::timeout);
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

TEST_CASE("a request with 401 is repeated over a new proxy, but not each request that follows") {
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

TEST_CASE("while its credential program fails a target is unready, with the output of the program as the reason") {
    std::atomic<bool> fails{true};
    FakeApi api([&](const FakeRequest &request) {
        if (fails && !request.target.ends_with("/exec")) return FakeReply{500, "getting credentials: exec: exit status 1"};
        return any_object(request);
    });
    api.folder.write("says", "login: the session of anna has ended\n");
    const auto host = host_over(api);
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

TEST_CASE(
    "a target is unready while its cluster is not reached or does not accept the credentials, and finds out when that is over") {
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
        std::atomic<bool> fails{false};
        FakeApi api([&](const FakeRequest &request) {
            return fails && !request.target.ends_with("/exec") ? row.reply : any_object(request);
        });
        const auto host = host_over(api, {{"namespace", "n"}});
        REQUIRE(host->get("cm", "x").succeeded);
        const std::size_t before = api.requests().size();
        fails = true;
        // A call whose time is over before it is sent says nothing of the cluster.
        while (api.requests().size() == before) CHECK_FALSE(get_within(*host, "x", std::chrono::seconds(1)).succeeded);
        const json::value health = host->health().object;
        CHECK(health.at("ok") == (row.reason == nullptr));
        if (row.reason) CHECK_THAT(std::string(health.at("reason").as_string()), ContainsSubstring(row.reason));
        fails = false;
        while (host->health().object.at("ok") == false) std::this_thread::yield(); // without a call
    }
}

TEST_CASE("a target is unready until its cluster has answered, and whether it does is found without a call") {
    struct Row {
        const char *name;
        FakeReply reply;
        const char *reason; // null: it becomes ready
    };
    const Row rows[] = {
        {"a cluster that answers", {0, {}}, nullptr},
        {"nothing listens", {500, "dial tcp 127.0.0.1:1: connect: connection refused\n"}, "can't be reached: dial tcp"},
        {"a certificate of the server that has expired", {502, "x509: certificate has expired\n"}, "can't be trusted: x509"},
        {"a token that is none, or a client certificate that has expired", kubectl::refusal(401, "Unauthorized", "Unauthorized"),
         "does not know who is asking"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        FakeApi api([&](const FakeRequest &) { return row.reply; });
        const auto host = host_over(api, {{"namespace", "n"}});
        CHECK(api.folder.lines("calls").empty()); // nothing is begun before somebody wants to know
        const auto reason = [&] {
            const json::value health = host->health().object;
            return health.at("ok").as_bool() ? std::string() : std::string(health.at("reason").as_string());
        };
        CHECK_THAT(reason(), ContainsSubstring("not known yet"));
        std::string why;
        do why = reason();
        while (why.find("not known yet") != std::string::npos);
        CHECK(why.empty() == (row.reason == nullptr));
        if (row.reason) CHECK_THAT(why, ContainsSubstring(row.reason));
        CHECK(api.folder.lines("proxies").size() == 1);
        for (const std::string &line : api.requests()) CHECK(line == "GET /version");
    }
}

TEST_CASE("a client certificate that was renewed in its file is read by a check that is refused, without a call") {
    std::atomic<bool> has_expired{false};
    FakeApi api([&](const FakeRequest &request) {
        return has_expired ? kubectl::refusal(401, "Unauthorized", "Unauthorized") : any_object(request);
    });
    const auto host = host_over(api, {{"namespace", "n"}});
    REQUIRE(host->get("cm", "x").succeeded);
    has_expired = true;
    while (host->health().object.at("ok") == true) std::this_thread::yield(); // a routine check
    CHECK(api.folder.lines("proxies").size() == 2);
    has_expired = false;
    while (host->health().object.at("ok") == false) std::this_thread::yield();
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

TEST_CASE("the error about a kubectl that was removed names it") {
    FakeApi api(any_object);
    const auto host = host_over(api);
    std::filesystem::remove(api.kubectl());
    const FakeAnswer answer = host->get("cm", "x");
    CHECK(answer.code == Code::internal);
    CHECK_THAT(answer.message,
               EndsWith("can't be run: No such file or directory. Install kubectl there, or correct the setting kubectl."));
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
    CHECK(kubectl::transports::context_namespace(R"({"contexts": null})", "").empty());
    CHECK_THROWS_AS(kubectl::transports::context_namespace("nonsense", ""), Error);
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
        kubectl::process::run({kubectl, {"kubectl"}, {"PATH=/usr/bin:/bin"}}, {std::chrono::steady_clock::time_point::max(), {}});
        ::_exit(0);
    }
    while (folder.lines("child").empty()) std::this_thread::yield();
    const std::string child = folder.lines("child").front();
    CHECK(runs(child));
    ::kill(daemon, SIGKILL);
    wait_until_gone(child);
    CHECK(::waitpid(daemon, nullptr, 0) == daemon);
}
