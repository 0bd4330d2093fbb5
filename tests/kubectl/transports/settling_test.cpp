// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done, with both transports: what they ask, and what failures say of a write's effect.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"

namespace {

using namespace rsf::kubectl::proxied;

// Noon is 1,796,126,400 s. The cluster's clock is an hour ahead of this one's.
std::string http_date_in(std::int64_t seconds) {
    const std::time_t time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

std::string timestamp_of(std::int64_t seconds) {
    const std::time_t time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

constexpr std::int64_t cluster_ahead = 3600; // seconds

json::object made_at(std::int64_t seconds, std::string_view manager) {
    json::object object = live.as_object();
    json::object &metadata = object["metadata"].as_object();
    metadata["creationTimestamp"] = timestamp_of(seconds);
    metadata["managedFields"] = json::array{json::object{{"manager", manager},
                                                         {"operation", "Update"},
                                                         {"time", timestamp_of(seconds)},
                                                         {"fieldsType", "FieldsV1"},
                                                         {"fieldsV1", {{"f:data", {{"f:a", json::object()}}}}}}};
    return object;
}

FakeCall lost_call(std::uint32_t verb) {
    FakeCall call;
    call.verb = verb;
    call.type = "cm";
    call.name = "x";
    call.object = json::serialize(config_map());
    call.operation = "op";
    call.began_ms = FakeCall::now_ms();
    return call;
}

std::string said(FakeHost &host, const FakeCall &call) {
    const FakeAnswer answer = host.settle(call);
    return answer.succeeded ? std::string(answer.object.at("settled").as_string()) : answer.message;
}

std::int64_t cluster_now() { return FakeCall::now_ms() / 1000 + cluster_ahead; }

} // namespace

TEST_CASE("over the proxy one read tells of the object and of the cluster's time") {
    json::object there;
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (there.empty()) return refusal(404, "NotFound", "configmaps \"x\" not found");
        FakeReply reply = ok(there);
        reply.headers.emplace_back("Date", http_date_in(cluster_now()));
        return reply;
    });
    CHECK(said(*fake.host, lost_call(RSF_CREATE)) == "not-done");
    CHECK(said(*fake.host, lost_call(RSF_DELETE)) == "done");
    there = made_at(cluster_now() + 5, "resourcifier");
    CHECK(said(*fake.host, lost_call(RSF_CREATE)) == "done");
    CHECK(said(*fake.host, lost_call(RSF_DELETE)) == "done");
    there = made_at(cluster_now() + 5, "kubectl-create");
    CHECK(said(*fake.host, lost_call(RSF_CREATE)) == "unknown");
    there = made_at(cluster_now() - 60, "resourcifier"); // by this one's clock it would be since
    CHECK(said(*fake.host, lost_call(RSF_CREATE)) == "not-done");
    CHECK(said(*fake.host, lost_call(RSF_DELETE)) == "not-done");
    CHECK(fake.host->settle(lost_call(RSF_DELETE)).revision == "7");
    for (const std::string &line : fake.requests()) CHECK(line == std::string("GET ") + at_x);
}

TEST_CASE("a process for the object and one for the time tell the same, and change nothing") {
    const Folder folder;
    folder.script(
        "echo \"$*\" >> \"$HERE/calls\"\n"
        "case \"$*\" in *--raw=/version*) cat \"$HERE/log\" >&2; echo '{}';; *get*) cat \"$HERE/live\";; *) exit 1;; esac");
    const auto host =
        std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, json::object{{"kubectl", folder.path() + "/kubectl"},
                                                                                      {"server", "http://localhost:1"},
                                                                                      {"namespace", "there"},
                                                                                      {"transport", "exec"}});
    const char *const front = GENERATE("I1201 05:27:28.925232   30537 round_trippers.go:454]     ", "\t");
    folder.write("log", front + ("Date: " + http_date_in(cluster_now())) + "\n");
    folder.write("live", "");
    CHECK(said(*host, lost_call(RSF_CREATE)) == "not-done");
    folder.write("live", json::serialize(made_at(cluster_now() + 5, "resourcifier")));
    CHECK(said(*host, lost_call(RSF_CREATE)) == "done");
    folder.write("live", json::serialize(made_at(cluster_now() - 60, "resourcifier")));
    CHECK(said(*host, lost_call(RSF_CREATE)) == "not-done");
    CHECK(said(*host, lost_call(RSF_DELETE)) == "not-done");
    CHECK(host->settle(lost_call(RSF_DELETE)).revision.empty()); // this transport can't delete one version alone
    for (const std::string &line : folder.lines("calls")) CHECK_THAT(line, ContainsSubstring("get "));
    // Without the cluster's time, no time tells.
    folder.write("log", "");
    CHECK(said(*host, lost_call(RSF_CREATE)) == "unknown");
}

TEST_CASE("what the driver would refuse was never done, and a cluster that can't be reached tells nothing") {
    Fake fake;
    FakeCall wrong = lost_call(RSF_CREATE);
    wrong.object = R"({"apiVersion": "v1", "kind": "NoSuchKind", "metadata": {"name": "x"}})";
    CHECK(said(*fake.host, wrong) == "not-done");
    fake.api.set([](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        return FakeReply{502, "dial tcp 127.0.0.1:1: connect: connection refused"};
    });
    CHECK(fake.host->settle(lost_call(RSF_CREATE)).code == Code::unavailable);
}

TEST_CASE("a failure of a write says whether it may have happened") {
    struct Row {
        const char *name;
        FakeReply reply;
        Effect effect;
    };
    const Row rows[] = {
        {"the connection breaks", {0, {}, {}, FakeReply::How::drop}, Effect::unknown},
        {"the proxy lost the cluster", {502, "unexpected EOF"}, Effect::unknown},
        {"the proxy did not reach the cluster", {502, "dial tcp 127.0.0.1:1: connect: connection refused"}, Effect::known},
        {"the cluster ran out of time", refusal(504, "Timeout", "the request timed out"), Effect::unknown},
        {"etcd did", refusal(500, "InternalError", "etcdserver: request timed out"), Effect::unknown},
        {"the cluster refuses", refusal(409, "AlreadyExists", "configmaps \"x\" already exists"), Effect::known},
        {"a webhook could not be asked", refusal(500, "InternalError", "failed calling webhook \"w\""), Effect::known},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Fake fake([&](const FakeRequest &request) {
            if (request.method != "POST") return not_mine;
            FakeReply reply = row.reply;
            if (row.reply.how == FakeReply::How::drop) reply.status = 200;
            return reply;
        });
        const FakeAnswer answer = fake.host->create("cm", "x", config_map());
        CHECK_FALSE(answer.succeeded);
        CHECK(answer.effect == row.effect);
    }
    const Folder folder;
    folder.script("case \"$*\" in *create*) kill -9 $$;; esac");
    FakeHost exec(driver_entry<kubectl::KubectlDriver>, {{"kubectl", folder.path() + "/kubectl"},
                                                         {"server", "http://localhost:1"},
                                                         {"namespace", "there"},
                                                         {"transport", "exec"}});
    CHECK(exec.create("cm", "x", config_map()).effect == Effect::unknown);
}
