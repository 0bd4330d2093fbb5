// SPDX-License-Identifier: Apache-2.0
//
// Many threads on one cluster. To be run under the sanitizers as well.
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <set>
#include <thread>

using namespace rsf;
using namespace rsf::dryrun;

namespace {

constexpr int threads = 16;

template <class Work> void on_all_threads(Work work) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) all.emplace_back([&work, i] { work(i); });
    for (std::thread &thread : all) thread.join();
}

std::string numbered(const char *prefix, int number) { return prefix + std::to_string(number); }

} // namespace

TEST_CASE("of many creates of one object exactly one succeeds") {
    const TempFolder folder;
    for (const json::object &settings : {json::object{}, json::object{{"state", folder.path().string()}}}) {
        TestCluster cluster(settings);
        constexpr int objects = 30;
        std::atomic<int> made{0}, existed{0};
        on_all_threads([&](int) {
            for (int i = 0; i < objects; ++i) {
                const FakeAnswer answer = cluster.create(config_map(numbered("x", i)));
                ++(answer.succeeded ? made : existed);
                if (!answer.succeeded && answer.code != Code::already_exists) existed = -1000000;
            }
        });
        CHECK(made == objects);
        CHECK(existed == (threads - 1) * objects);
        CHECK(cluster.list("cm").object.at("items").as_array().size() == objects);
    }
}

TEST_CASE("no write is lost: a counter that all threads raise by compare and replace is right") {
    TestCluster cluster;
    json::object counter = config_map("counter");
    counter["data"] = json::object{{"value", "0"}};
    REQUIRE(cluster.create(counter).succeeded);
    constexpr int rounds = 20;
    on_all_threads([&](int) {
        for (int done = 0; done < rounds;) {
            json::value held = cluster.get("cm", "counter").object;
            json::value &value = held.at("data").at("value");
            value = std::to_string(std::stoi(std::string(value.as_string())) + 1).c_str();
            if (cluster.replace(held.as_object()).succeeded) ++done;
        }
    });
    CHECK(at(cluster.get("cm", "counter").object, "data.value") == std::to_string(threads * rounds));
}

TEST_CASE("revisions and addresses are unique with many threads") {
    TestCluster cluster;
    on_all_threads([&](int thread) {
        for (int i = 0; i < 20; ++i) cluster.create(service(numbered("s", thread * 100 + i), {{"type", "LoadBalancer"}}));
    });
    std::set<std::string> revisions, addresses, outer, ports;
    const json::value list = cluster.list("svc").object;
    for (const json::value &item : list.at("items").as_array()) {
        revisions.insert(at(item, "metadata.resourceVersion"));
        addresses.insert(at(item, "spec.clusterIP"));
        outer.insert(at(item, "status.loadBalancer.ingress.0.ip"));
        ports.insert(at(item, "spec.ports.0.nodePort"));
    }
    for (const auto *set : {&revisions, &addresses, &outer, &ports}) CHECK(set->size() == threads * 20);
}

TEST_CASE("reads, writes and deletions of whole namespaces and kinds can run at once") {
    const TempFolder folder;
    {
        TestCluster cluster({{"state", folder.path().string()}, {"durable", false}});
        std::atomic<int> odd{0};
        const auto expect = [&](const FakeAnswer &answer, std::initializer_list<Code> codes) {
            if (answer.succeeded) return;
            for (const Code code : codes)
                if (answer.code == code) return;
            ++odd;
        };
        on_all_threads([&](int thread) {
            for (int i = 0; i < 25; ++i) {
                const std::string ns = numbered("ns", i % 3), name = numbered("x", (thread + i) % 5);
                switch (thread % 8) {
                case 0: expect(cluster.create(name_space(ns)), {Code::already_exists}); break;
                case 1: expect(cluster.remove(name_space(ns)), {}); break;
                case 2: expect(cluster.create(widget_definition()), {Code::already_exists}); break;
                case 3: expect(cluster.remove(widget_definition()), {}); break;
                case 4: expect(cluster.create(widget(name)), {Code::already_exists, Code::invalid}); break;
                case 5: expect(cluster.replace(config_map(name, ns)), {Code::not_found}); break;
                case 6: expect(cluster.list("cm"), {}); break;
                default: break;
                }
                expect(cluster.create(config_map(name, ns)), {Code::already_exists, Code::not_found});
                expect(cluster.get("cm", name, ns), {Code::not_found});
                expect(cluster.remove(config_map(name, ns)), {Code::not_found});
                expect(cluster.create(config_map(name, ns)), {Code::already_exists, Code::not_found});
            }
        });
        CHECK(odd == 0);
        const json::value left = cluster.list("cm").object;
        for (const json::value &item : left.at("items").as_array())
            CHECK(cluster.get("ns", at(item, "metadata.namespace")).succeeded);
    }
    // The disk is the same: an object without its namespace or kind would stop the load.
    TestCluster reopened({{"state", folder.path().string()}});
    CHECK(reopened.list("cm").succeeded);
}
