// SPDX-License-Identifier: Apache-2.0
//
// What types that are not there cost the cluster: the requests are counted.
#include "support/catch.hpp"

#include "kubectl/api/types/discovery.hpp"

#include <resourcifier/fake_host.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace {

using namespace rsf;
using rsf::kubectl::api::Discovery;
using namespace std::chrono_literals;

constexpr int group_count = 70;

// A cluster of many groups, each with a type "thingN".
class Cluster {
  public:
    std::string get(const std::string &path) {
        ++requests;
        const std::lock_guard lock(mutex_);
        if (path == "/api/v1") return types("ConfigMap", "configmaps");
        if (path == "/apis") return json::serialize(json::object{{"groups", list()}});
        for (int i = 0; i < group_count; ++i)
            if (path == "/apis/g" + std::to_string(i) + "/v1")
                return types("Thing" + std::to_string(i), "things" + std::to_string(i));
        if (is_defined_ && path == "/apis/example.org/v1") return types("Widget", "widgets");
        throw Error(Code::not_found, "the server could not find the requested resource");
    }
    void define() {
        const std::lock_guard lock(mutex_);
        is_defined_ = true;
    }
    int asked_since(int before) const { return requests - before; }

    std::atomic<int> requests = 0;

  private:
    static std::string types(const std::string &kind, const std::string &plural) {
        return json::serialize(json::object{{"resources", {{{"kind", kind}, {"name", plural}, {"namespaced", false}}}}});
    }
    json::array list() const {
        json::array all;
        const auto add = [&](const std::string &name) {
            all.push_back({{"name", name}, {"versions", {{{"groupVersion", name + "/v1"}}}}});
        };
        for (int i = 0; i < group_count; ++i) add("g" + std::to_string(i));
        if (is_defined_) add("example.org");
        return all;
    }

    mutable std::mutex mutex_;
    bool is_defined_ = false; // guarded by mutex_
};

constexpr int whole_look = 1 + 1 + group_count; // the core group, which others there are, and each of them

struct Looking {
    explicit Looking(std::chrono::milliseconds fresh_for)
        : discovery([this](const Call &, const std::string &path) { return cluster.get(path); }, fresh_for) {
        raw.size = sizeof raw;
        raw.deadline_ns =
            std::chrono::duration_cast<std::chrono::nanoseconds>((std::chrono::steady_clock::now() + 60s).time_since_epoch())
                .count();
        raw.cancelled = [](const rsf_call *) noexcept { return 0; };
    }
    bool has(const char *word) {
        try {
            discovery.of_word(Call(raw), word);
            return true;
        } catch (const Error &error) {
            if (error.code != Code::not_found) throw; // several threads come here, and Catch's checks are for one
            return false;
        }
    }
    bool has_kind(const char *api_version, const char *kind) {
        try {
            discovery.of_object(Call(raw), api_version, kind);
            return true;
        } catch (const Error &error) {
            CHECK(error.code == Code::invalid);
            return false;
        }
    }

    Cluster cluster;
    rsf_call raw{};
    Discovery discovery;
};

} // namespace

TEST_CASE("requests for missing types cost the cluster one look in a while, and known types stay cached") {
    Looking looking(1h);
    CHECK_FALSE(looking.has("widgets"));
    CHECK(looking.cluster.requests == whole_look);
    for (int i = 0; i < 20; ++i) CHECK_FALSE(looking.has(("unknown" + std::to_string(i)).c_str()));
    CHECK_FALSE(looking.has_kind("v1", "Widget"));
    CHECK_FALSE(looking.has_kind("g1/v1", "Widget"));
    CHECK(looking.has("configmaps"));
    CHECK(looking.has("things69"));
    CHECK(looking.has_kind("g3/v1", "Thing3"));
    CHECK(looking.cluster.requests == whole_look);

    const int before = looking.cluster.requests;
    for (int i = 0; i < 5; ++i) CHECK_FALSE(looking.has_kind("example.org/v1", "Widget"));
    CHECK(looking.cluster.asked_since(before) == 1); // a group that is not there is remembered, too
}

TEST_CASE("many callers that miss at once cost the cluster one request") {
    Looking looking(1h);
    std::vector<std::thread> threads;
    std::atomic<int> found = 0;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] {
            if (looking.has("widgets")) ++found;
        });
    for (std::thread &thread : threads) thread.join();
    CHECK(found == 0);
    CHECK(looking.cluster.requests == whole_look);
}

TEST_CASE("old lists are read again for a type that is missing, and types that are there stay cached") {
    Looking looking(0ms);
    CHECK_FALSE(looking.has("widgets"));
    looking.cluster.define();
    CHECK(looking.has("widgets"));
    const int before = looking.cluster.requests;
    CHECK(looking.has("widgets"));
    CHECK(looking.has("configmaps"));
    CHECK(looking.has_kind("example.org/v1", "Widget"));
    CHECK(looking.cluster.asked_since(before) == 0);
}

TEST_CASE("what was forgotten is read at once, and nothing else") {
    Looking looking(1h);
    CHECK_FALSE(looking.has("widgets"));
    CHECK_FALSE(looking.has_kind("example.org/v1", "Widget"));
    looking.cluster.define();
    CHECK_FALSE(looking.has("widgets"));
    looking.discovery.forget("example.org/v1");
    const int before = looking.cluster.requests;
    CHECK(looking.has("widgets"));
    CHECK(looking.has_kind("example.org/v1", "Widget"));
    CHECK(looking.cluster.asked_since(before) == 2); // which groups there are, and this one
}

TEST_CASE("a group that did not answer is asked again by the next caller") {
    std::atomic<bool> is_down{true};
    std::atomic<int> asked = 0;
    Discovery discovery([&](const Call &, const std::string &path) -> std::string {
        if (path != "/apis/g/v1") throw Error(Code::not_found, "no");
        ++asked;
        if (is_down) throw Error(Code::unavailable, "down", Retry::later);
        return R"({"resources": [{"kind": "Thing", "name": "things", "namespaced": true}]})";
    });
    const Looking with(1h); // for its call
    const auto code = [&] {
        try {
            discovery.of_object(Call(with.raw), "g/v1", "Thing");
            return Code{};
        } catch (const Error &error) {
            return error.code;
        }
    };
    CHECK(code() == Code::unavailable);
    CHECK(code() == Code::unavailable);
    CHECK(asked == 2);
    is_down = false;
    CHECK(code() == Code{});
    CHECK(code() == Code{});
    CHECK(asked == 3);
}
