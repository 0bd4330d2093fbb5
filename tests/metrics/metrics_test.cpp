// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/samples.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <cmath>
#include <future>
#include <set>
#include <sstream>
#include <thread>

using namespace rsf::metrics;
using namespace rsf::test;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

std::string types(const std::string &text) {
    std::string found;
    for (const std::string &line : lines_of(text))
        if (line.starts_with("# TYPE ")) found += line.substr(7) + '\n';
    return found;
}

} // namespace

TEST_CASE("every metric has the name and the type that dashboards and alerts rely on, and a help text") {
    Metrics metrics;
    const auto target = metrics.target("prod");
    metrics.request(MeteredRoute::list, "GET", 200, 1ms);
    const std::string text = metrics.text();
    CHECK(types(text) == "process_cpu_seconds_total counter\n"
                         "process_max_fds gauge\n"
                         "process_open_fds gauge\n"
                         "process_resident_memory_bytes gauge\n"
                         "process_start_time_seconds gauge\n"
                         "resourcifier_build_info gauge\n"
                         "resourcifier_driver_child_processes gauge\n"
                         "resourcifier_driver_restarts_total counter\n"
                         "resourcifier_http_abandoned_total counter\n"
                         "resourcifier_http_connections gauge\n"
                         "resourcifier_http_faults_total counter\n"
                         "resourcifier_http_refused_total counter\n"
                         "resourcifier_http_request_duration_seconds histogram\n"
                         "resourcifier_http_requests_in_flight gauge\n"
                         "resourcifier_http_requests_total counter\n"
                         "resourcifier_last_reload_successful gauge\n"
                         "resourcifier_operation_duration_seconds histogram\n"
                         "resourcifier_operations_total counter\n"
                         "resourcifier_operations_under_way gauge\n"
                         "resourcifier_reloads_total counter\n"
                         "resourcifier_resources_total counter\n"
                         "resourcifier_store_works gauge\n"
                         "resourcifier_target_calls_lost gauge\n"
                         "resourcifier_target_calls_running gauge\n"
                         "resourcifier_target_credentials_expire_timestamp_seconds gauge\n"
                         "resourcifier_target_queue_length gauge\n"
                         "resourcifier_target_ready gauge\n");
    for (const std::string &line : lines_of(text))
        if (line.starts_with("# HELP ")) CHECK(line.ends_with('.'));
    CHECK(sample(text, "resourcifier_build_info{version=\"" RESOURCIFIER_VERSION "\"}") == 1);
}

TEST_CASE("what is under way is told by target and state, and whether the store works") {
    Metrics metrics;
    const auto watch = metrics.watch([] { return OperationsNow{false, {{"prod", 3, 2}, {"scratch", 0, 0}}}; });
    const std::string text = metrics.text();
    CHECK(sample(text, "resourcifier_store_works") == 0);
    CHECK(sample(text, "resourcifier_operations_under_way{target=\"prod\",state=\"queued\"}") == 2);
    CHECK(sample(text, "resourcifier_operations_under_way{target=\"prod\",state=\"running\"}") == 3);
    CHECK(sample(text, "resourcifier_operations_under_way{target=\"scratch\",state=\"running\"}") == 0);
}

TEST_CASE("a request is counted by route, method and code, and its time by route") {
    Metrics metrics;
    metrics.request(MeteredRoute::get, "GET", 200, 3ms);
    metrics.request(MeteredRoute::get, "GET", 200, 700ms);
    metrics.request(MeteredRoute::get, "GET", 404, 1s);
    metrics.request(MeteredRoute::none, "BREW", 501, 1us);
    const std::string text = metrics.text();
    const std::string requests = "resourcifier_http_requests_total", times = "resourcifier_http_request_duration_seconds";
    CHECK(sample(text, requests + R"({code="200",method="GET",route="get"})") == 2);
    CHECK(sample(text, requests + R"({code="404",method="GET",route="get"})") == 1);
    CHECK(sample(text, requests + R"({code="501",method="other",route="none"})") == 1);
    CHECK(count_samples(text, requests) == 3);
    CHECK(sample(text, times + R"(_count{route="get"})") == 3);
    CHECK(std::abs(sample(text, times + R"(_sum{route="get"})").value() - 1.703) < 1e-9);
    CHECK(sample(text, times + R"(_bucket{route="get",le="0.0025"})") == 0);
    CHECK(sample(text, times + R"(_bucket{route="get",le="0.005"})") == 1);
    CHECK(sample(text, times + R"(_bucket{route="get",le="1"})") == 3);
    CHECK(sample(text, times + R"(_count{route="list"})") == 0);
}

TEST_CASE("every status that the API's description has is counted under its own code") {
    const json::value api = json::parse(read_file(TEST_SOURCE_DIR "/../docs/openapi.json"));
    std::set<std::string> codes;
    for (const auto &path : api.at("paths").as_object())
        for (const auto &method : path.value().as_object())
            if (const json::object *operation = method.value().if_object(); operation && operation->contains("responses"))
                for (const auto &response : operation->at("responses").as_object()) codes.emplace(response.key());
    codes.erase("default");
    REQUIRE(codes.contains("421"));
    for (const std::string &code : codes) {
        Metrics metrics;
        metrics.request(MeteredRoute::get, "GET", static_cast<unsigned>(std::stoul(code)), 1ms);
        CHECK(sample(metrics.text(), "resourcifier_http_requests_total{code=\"" + code + R"(",method="GET",route="get"})") == 1);
    }
}

TEST_CASE("no method or status that is made up makes a series of its own") {
    Metrics metrics;
    metrics.request(MeteredRoute::get, "GET", 200, 1ms);
    metrics.request(MeteredRoute::get, "X", 999, 1ms);
    const std::size_t before = count_samples(metrics.text());
    for (unsigned i = 0; i < 10'000; ++i) metrics.request(MeteredRoute::get, "X" + std::to_string(i), 1000 + i, 1ms);
    const std::string text = metrics.text();
    CHECK(count_samples(text) == before);
    CHECK(sample(text, R"(resourcifier_http_requests_total{code="other",method="other",route="get"})") == 10'001);
}

TEST_CASE("requests that are counted on many threads are all counted") {
    Metrics metrics;
    std::vector<std::thread> threads;
    std::atomic<bool> over = false;
    std::thread reader([&] {
        while (!over) CHECK_FALSE(metrics.text().empty());
    });
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n) metrics.request(MeteredRoute::list, "GET", 200, 1ms);
            const auto target = metrics.target("prod"); // made and unmade meanwhile
            target->operation(MeteredVerb::get, OperationResult::done, 1ms);
        });
    for (std::thread &thread : threads) thread.join();
    over = true;
    reader.join();
    const std::string text = metrics.text();
    CHECK(sample(text, R"(resourcifier_http_requests_total{code="200",method="GET",route="list"})") == 4000);
    CHECK(sample(text, R"(resourcifier_http_request_duration_seconds_count{route="list"})") == 4000);
}

TEST_CASE("operations and resources are counted by target, verb and result") {
    Metrics metrics;
    const auto target = metrics.target("prod");
    target->operation(MeteredVerb::create, OperationResult::partly, 2s);
    target->resources(MeteredVerb::create, ResourceResult::created, 7);
    target->resources(MeteredVerb::create, ResourceResult::failed, 1);
    target->operation(MeteredVerb::remove, OperationResult::refused, std::nullopt);
    target->driver_restarted();
    const std::string text = metrics.text();
    CHECK(sample(text, R"(resourcifier_operations_total{result="partly",target="prod",verb="create"})") == 1);
    CHECK(sample(text, R"(resourcifier_operations_total{result="refused",target="prod",verb="delete"})") == 1);
    CHECK(sample(text, R"(resourcifier_operation_duration_seconds_count{target="prod",verb="create"})") == 1);
    CHECK(sample(text, R"(resourcifier_operation_duration_seconds_sum{target="prod",verb="create"})") == 2);
    CHECK(sample(text, R"(resourcifier_operation_duration_seconds_count{target="prod",verb="delete"})") == 0);
    CHECK(sample(text, R"(resourcifier_resources_total{result="created",target="prod",verb="create"})") == 7);
    CHECK(sample(text, R"(resourcifier_resources_total{result="failed",target="prod",verb="create"})") == 1);
    CHECK(sample(text, R"(resourcifier_driver_restarts_total{target="prod"})") == 1);
}

TEST_CASE("what has not happened yet is there as zero, and what can't happen is not there") {
    Metrics metrics;
    const auto target = metrics.target("prod");
    const std::string text = metrics.text();
    for (const char *verb : {"create", "replace", "apply", "delete"}) {
        const std::string rest = std::string("target=\"prod\",verb=\"") + verb + "\"}";
        for (const char *result : {"done", "partly", "failed", "refused", "cancelled", "planned"})
            CHECK(sample(text, std::string("resourcifier_operations_total{result=\"") + result + "\"," + rest) == 0);
        CHECK(sample(text, "resourcifier_resources_total{result=\"failed\"," + rest) == 0);
    }
    for (const char *result : {"done", "absent", "failed", "refused", "cancelled"})
        CHECK(sample(text, std::string("resourcifier_operations_total{result=\"") + result + R"(",target="prod",verb="get"})") ==
              0);
    CHECK_FALSE(sample(text, R"(resourcifier_operations_total{result="partly",target="prod",verb="get"})"));
    CHECK_FALSE(sample(text, R"(resourcifier_operations_total{result="absent",target="prod",verb="create"})"));
    CHECK_FALSE(sample(text, R"(resourcifier_resources_total{result="created",target="prod",verb="delete"})"));
    CHECK(count_samples(text, R"(resourcifier_resources_total{result="created",target="prod",verb="get")") == 0);
}

TEST_CASE("instances of one name share their metrics, which go with the last of them") {
    Metrics metrics;
    constexpr auto restarts = R"(resourcifier_driver_restarts_total{target="prod"})";
    auto before = metrics.target("prod");
    before->driver_restarted();
    auto after = metrics.target("prod");
    after->driver_restarted();
    before.reset();
    CHECK(sample(metrics.text(), restarts) == 2);
    after.reset();
    CHECK(metrics.text().find("prod") == std::string::npos);
    const auto anew = metrics.target("prod");
    CHECK(sample(metrics.text(), restarts) == 0);
}

TEST_CASE("a target's metrics may outlive those of the daemon") {
    std::shared_ptr<TargetMetrics> target;
    {
        Metrics metrics;
        target = metrics.target("prod");
    }
    target->driver_restarted();
    target.reset();
}

TEST_CASE("instances are looked at for each text, added up, and the last one says whether it is ready") {
    Metrics metrics;
    const auto target = metrics.target("prod");
    CHECK_FALSE(sample(metrics.text(), R"(resourcifier_target_queue_length{target="prod"})"));
    std::size_t queued = 1;
    auto old = target->watch([&] { return TargetNow{queued, 2, 3, false, 0}; });
    auto planner = target->watch([] { return TargetNow{10, 20, 30, {}, 0}; });
    queued = 5;
    std::string text = metrics.text();
    CHECK(sample(text, R"(resourcifier_target_queue_length{target="prod"})") == 15);
    CHECK(sample(text, R"(resourcifier_target_calls_running{target="prod"})") == 22);
    CHECK(sample(text, R"(resourcifier_target_calls_lost{target="prod"})") == 33);
    CHECK(sample(text, R"(resourcifier_target_ready{target="prod"})") == 0);
    CHECK_FALSE(sample(text, R"(resourcifier_driver_child_processes{target="prod"})")); // none has a process of its own
    CHECK_FALSE(sample(text, R"(resourcifier_target_credentials_expire_timestamp_seconds{target="prod"})"));
    const auto fresh = target->watch([] { return TargetNow{0, 0, 0, true, 0, 1798675200.}; });
    CHECK(sample(metrics.text(), R"(resourcifier_target_credentials_expire_timestamp_seconds{target="prod"})") == 1798675200.);
    CHECK(sample(metrics.text(), R"(resourcifier_target_ready{target="prod"})") == 1);
    old.reset();
    planner.reset();
    CHECK(sample(metrics.text(), R"(resourcifier_target_queue_length{target="prod"})") == 0);
}

TEST_CASE("whoever ends a watch waits for a look that is under way, and is not looked at any more") {
    Metrics metrics;
    std::promise<void> looking, go_on;
    std::atomic<bool> ended = false;
    auto watch = metrics.watch([&]() -> ServerNow {
        looking.set_value(); // twice would throw
        go_on.get_future().wait();
        CHECK_FALSE(ended);
        return ServerNow{};
    });
    std::thread reader([&] { metrics.text(); });
    looking.get_future().wait();
    std::thread ending([&] {
        watch.reset();
        ended = true;
    });
    go_on.set_value();
    reader.join();
    ending.join();
    metrics.text();
}

TEST_CASE("what a server does is told as it is at the moment") {
    Metrics metrics;
    const auto watch = metrics.watch([] { return ServerNow{3, 7, {{"connections", 2}, {"slow", 0}}, 4, 5}; });
    const std::string text = metrics.text();
    CHECK(sample(text, "resourcifier_http_requests_in_flight") == 3);
    CHECK(sample(text, "resourcifier_http_connections") == 7);
    CHECK(sample(text, R"(resourcifier_http_refused_total{reason="connections"})") == 2);
    CHECK(sample(text, R"(resourcifier_http_refused_total{reason="slow"})") == 0);
    CHECK(sample(text, "resourcifier_http_faults_total") == 4);
    CHECK(sample(text, "resourcifier_http_abandoned_total") == 5);
}

TEST_CASE("reloads are counted, and it is told how the last one went") {
    Metrics metrics;
    CHECK(sample(metrics.text(), "resourcifier_last_reload_successful") == 1);
    metrics.reloaded(true);
    metrics.reloaded(false);
    CHECK(sample(metrics.text(), "resourcifier_last_reload_successful") == 0);
    metrics.reloaded(true);
    const std::string text = metrics.text();
    CHECK(sample(text, R"(resourcifier_reloads_total{result="done"})") == 2);
    CHECK(sample(text, R"(resourcifier_reloads_total{result="failed"})") == 1);
    CHECK(sample(text, "resourcifier_last_reload_successful") == 1);
}

TEST_CASE("a target may have any name") {
    Metrics metrics;
    const auto target = metrics.target("a \"b\" \\ c\nd");
    CHECK(sample(metrics.text(), R"(resourcifier_driver_restarts_total{target="a \"b\" \\ c\nd"})") == 0);
}
