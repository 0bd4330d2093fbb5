// SPDX-License-Identifier: Apache-2.0
//
// Writes to an object on a real control plane that somebody else changes all the time.
#include "support/catch.hpp"

#include "kubectl/live/live_cluster.hpp"

#include <atomic>
#include <thread>

namespace {

using namespace rsf;
using namespace rsf::live;

// Annotates the object again and again, until the end.
class Annotator {
  public:
    explicit Annotator(const std::string &kubectl)
        : host_(driver_entry<kubectl::KubectlDriver>, Cluster::settings({kubectl, "proxy"}, {{"field_manager", "another"}})),
          thread_([this] { run(); }) {
        while (turns_ < 5) std::this_thread::yield();
    }
    ~Annotator() {
        ends_ = true;
        thread_.join();
    }
    Annotator(const Annotator &) = delete;
    Annotator &operator=(const Annotator &) = delete;

  private:
    void run() {
        while (!ends_) {
            json::object map = object(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "rsf-one",
                                          "namespace": "default"}})");
            map["metadata"].as_object()["annotations"] = {{"turn", std::to_string(turns_)}};
            host_.apply("cm", "rsf-one", map);
            for (int i = 0; i < 3; ++i) host_.get("cm", "rsf-one"); // others come to their turn as well
            ++turns_;
        }
    }

    FakeHost host_;
    std::atomic<bool> ends_ = false;
    std::atomic<int> turns_ = 0;
    std::thread thread_; // last: it uses all of the above
};

} // namespace

TEST_CASE("an object that others change all the time is replaced, planned and applied") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        REQUIRE(cluster.host.create("cm", "x", config_map("rsf-one", "0", "default")).succeeded);
        const Annotator annotator(way.kubectl);
        for (int turn = 1; turn <= 4; ++turn) {
            json::object map = config_map("rsf-one", std::to_string(turn), "default");
            map["data"].as_object()["gone"] = "1";
            const FakeAnswer replaced = cluster.host.replace("cm", "x", map);
            INFO(replaced.message);
            CHECK(replaced.succeeded);

            FakeCall call;
            call.verb = RSF_APPLY;
            call.object = json::serialize(config_map("rsf-one", "applied " + std::to_string(turn), "default"));
            for (const std::uint32_t flags : {std::uint32_t{RSF_CALL_DRY_RUN}, 0U}) {
                INFO(flags);
                call.flags = flags;
                const FakeAnswer applied = cluster.host.perform(call);
                INFO(applied.message);
                REQUIRE(applied.succeeded);
                CHECK(applied.object.at("data") == json::value{{"a", "applied " + std::to_string(turn)}});
            }
        }
    }
}
