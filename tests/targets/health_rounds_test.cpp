// SPDX-License-Identifier: Apache-2.0
#include "targets/health_rounds.hpp"

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/log_lines.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::test;
using namespace rsf::targets;
using namespace std::chrono_literals;

namespace {

// A target of that name, and how often its driver was asked for its health.
struct Asked {
    explicit Asked(const std::string &target) : name(target) {
        cluster->feel([this] {
            ++count;
            return DriverHealth{is_well, is_well ? "" : "the cluster\nis gone", {}};
        });
    }
    ~Asked() {
        if (served) served->wait_idle(std::chrono::steady_clock::now() + 1min); // its driver uses this
    }
    Asked(const Asked &) = delete;
    Asked &operator=(const Asked &) = delete;

    void wait_for(int more) const {
        for (const int before = count; count < before + more;) std::this_thread::yield();
    }

    bool knows_well() const {
        const std::optional<Health> known = served->known_health();
        return known && known->ok;
    }

    const std::string name;
    std::atomic<int> count = 0;
    std::atomic<bool> is_well = true;
    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    std::shared_ptr<Target> served = Target::make(name, std::make_unique<FakeDriver>(cluster), {}, silent_log());
};

TargetSet set_of(const std::vector<const Asked *> &all) {
    TargetSet set;
    for (const Asked *each : all) set.by_name.emplace(each->name, each->served);
    return set;
}

} // namespace

TEST_CASE("each target that is served is asked for its health again and again, without a request") {
    const Asked prod("prod"), review("review");
    HealthRounds rounds(silent_log(), 1ms);
    rounds.replace(set_of({&prod, &review}));
    prod.wait_for(5);
    review.wait_for(5);
    CHECK(prod.knows_well());
}

TEST_CASE("what a driver finds by itself is known without a question, and so is that it is over; the log says it once") {
    Asked prod("prod");
    Lines lines;
    HealthRounds rounds(lines.log, 1ms);
    rounds.replace(set_of({&prod}));
    while (!prod.knows_well()) std::this_thread::yield();
    prod.is_well = false;
    while (prod.knows_well()) std::this_thread::yield();
    CHECK(prod.served->known_health().value().reason == "the cluster\nis gone");
    lines.wait_for("target=prod not ready: the cluster\\x0Ais gone\n");
    prod.wait_for(5);
    prod.is_well = true;
    while (!prod.knows_well()) std::this_thread::yield();
    lines.wait_for("target=prod ready again\n");
    prod.wait_for(5);
    CHECK(lines.with("").size() == 2);
}

TEST_CASE("a driver that hangs in its health check is asked once, and the others go on being asked") {
    Asked hangs("hangs");
    const Asked well("well");
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<int> count = 0;
    hangs.cluster->feel([&count, released] {
        ++count;
        released.wait();
        return DriverHealth{};
    });
    HealthRounds rounds(silent_log(), 1ms);
    rounds.replace(set_of({&hangs, &well}));
    while (count == 0) std::this_thread::yield();
    well.wait_for(10);
    CHECK(count == 1);
    release.set_value();
}

TEST_CASE("a target that is not served any more is neither asked nor kept alive") {
    const Asked stays("stays");
    Asked goes("goes");
    HealthRounds rounds(silent_log(), 1ms);
    rounds.replace(set_of({&stays, &goes}));
    goes.wait_for(1);
    TargetSet waiting = set_of({&stays});
    waiting.by_name.emplace("goes", nullptr); // it is being replaced
    rounds.replace(waiting);
    const std::weak_ptr<Target> watched = goes.served;
    goes.served = nullptr;
    while (!watched.expired()) std::this_thread::yield();
    const int before = goes.count;
    stays.wait_for(5);
    CHECK(goes.count == before);
}

TEST_CASE("a drained target is not asked until it is resumed") {
    const Asked prod("prod"), other("other");
    prod.served->drain("it is drained");
    HealthRounds rounds(silent_log(), 1ms);
    rounds.replace(set_of({&prod, &other}));
    other.wait_for(5);
    CHECK(prod.count == 0);
    prod.served->drain(std::nullopt);
    prod.wait_for(5);
}

TEST_CASE("rounds over nothing wait, and end") {
    HealthRounds rounds(silent_log(), 1ms);
    rounds.replace({});
}
