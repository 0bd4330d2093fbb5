// SPDX-License-Identifier: Apache-2.0
//
// Objects that another server keeps than the cluster's own: no dry run is sent for them.
#include "kubectl/fakes/fakes.hpp"
#include "support/catch.hpp"

namespace {

constexpr std::uint32_t writes[] = {RSF_CREATE, RSF_REPLACE, RSF_APPLY, RSF_DELETE};
constexpr const char *metric = R"({"apiVersion": "metrics.example.com/v1", "kind": "Gauge", "metadata": {"name": "x"}})";

FakeCall dry_run(std::uint32_t verb, const char *object = metric) {
    FakeCall call;
    call.verb = verb;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "Gauge";
    call.object = object;
    return call;
}

// A cluster of which this is the APIService of metrics.example.com/v1.
FakeApi::Handler cluster_with(const FakeReply &service) {
    return [service](const FakeRequest &request) -> FakeReply {
        if (request.target == "/apis/apiregistration.k8s.io/v1/apiservices/v1.metrics.example.com") return service;
        if (request.target == "/apis/metrics.example.com/v1")
            return ok(json::parse(R"({"resources": [{"kind": "Gauge", "name": "gauges", "namespaced": true}]})"));
        if (request.target.find("/gauges") == std::string::npos) return {0, {}};
        if (request.method == "DELETE") return ok(json::parse(R"({"kind": "Status", "status": "Success"})"));
        return ok(json::parse(R"({"apiVersion": "metrics.example.com/v1", "kind": "Gauge", "metadata": {"name": "x",
            "namespace": "default", "resourceVersion": "7", "uid": "u"}})"));
    };
}

bool was_written(const std::vector<std::string> &requests) {
    for (const std::string &request : requests)
        if (!request.starts_with("GET ")) return true;
    return false;
}

} // namespace

TEST_CASE("a dry run goes to the cluster's own server alone") {
    struct Row {
        const char *title;
        FakeReply service;
        bool is_sent;
        const char *said;
    };
    const Row rows[] = {
        {"its own", ok(json::parse(R"({"kind": "APIService", "spec": {"group": "metrics.example.com"}})")), true, ""},
        {"its own, of which it says so", ok(json::parse(R"({"kind": "APIService", "spec": {"service": null}})")), true, ""},
        {"no aggregation", refusal(404, "NotFound", "the server could not find the requested resource"), true, ""},
        {"another's", ok(json::parse(R"({"kind": "APIService", "spec": {"service": {"name": "m", "namespace": "n"}}})")), false,
         "metrics.example.com/v1 is the API of another server"},
        {"nobody may see", refusal(403, "Forbidden", "apiservices is forbidden"), false,
         "may not read APIService v1.metrics.example.com"},
    };
    for (const Row &row : rows)
        for (const std::uint32_t verb : writes) {
            INFO(row.title << ", verb " << verb);
            FakeApi api(cluster_with(row.service));
            FakeHost host(driver_entry<KubectlDriver>, {{"kubectl", api.kubectl()}, {"namespace", "default"}});
            const FakeAnswer answer = host.perform(dry_run(verb));
            CHECK(was_written(api.requests()) == row.is_sent);
            CHECK(answer.succeeded == row.is_sent);
            if (row.is_sent) continue;
            CHECK(answer.code == Code::unsupported);
            CHECK(answer.details == json::object{{"dry_run", false}});
            CHECK_THAT(answer.message, ContainsSubstring(row.said));
            FakeCall write = dry_run(verb);
            write.flags = 0;
            host.perform(write);
            CHECK(was_written(api.requests())); // it is the dry run alone that is not sent
        }
}

TEST_CASE("which server has an API is asked once, and not for kinds that Kubernetes has") {
    FakeApi api(cluster_with(ok(json::parse(R"({"kind": "APIService", "spec": {"service": {"name": "m"}}})"))));
    FakeHost host(driver_entry<KubectlDriver>, {{"kubectl", api.kubectl()}, {"namespace", "default"}});
    for (int i = 0; i < 3; ++i) CHECK(host.perform(dry_run(RSF_REPLACE)).code == Code::unsupported);
    FakeCall map = dry_run(RSF_DELETE, R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})");
    map.type = "cm";
    host.perform(map);
    const auto requests = api.requests();
    CHECK(std::count(requests.begin(), requests.end(),
                     "GET /apis/apiregistration.k8s.io/v1/apiservices/v1.metrics.example.com") == 1);
    for (const std::string &request : requests) CHECK(request.find("apiservices/v1.") == request.find("apiservices/v1.metrics"));
}

TEST_CASE("without a proxy, too, no dry run is sent for what another server keeps") {
    struct Row {
        const char *title, *service;
        bool is_sent;
    };
    const Row rows[] = {
        {"its own", R"(echo '{"kind": "APIService", "spec": {}}')", true},
        {"no aggregation", R"(echo 'error: the server doesn'"'"'t have a resource type "apiservices"' >&2; exit 1)", true},
        {"another's", R"(echo '{"kind": "APIService", "spec": {"service": {"name": "m"}}}')", false},
        {"nobody may see", R"(echo 'Error from server (Forbidden): apiservices is forbidden' >&2; exit 1)", false},
    };
    for (const Row &row : rows)
        for (const std::uint32_t verb : writes) {
            INFO(row.title << ", verb " << verb);
            const Folder folder;
            const std::string kubectl = folder.script(std::string(R"(echo "$*" >> "$HERE/calls"
case "$*" in *apiservices*) )") + row.service + R"(; exit ;; esac
cat > /dev/null
case "$*" in delete*) echo gauge.metrics.example.com/x ;; *) echo '{"apiVersion": "metrics.example.com/v1", "kind": "Gauge", "metadata": {"name": "x"}}' ;; esac)");
            FakeHost host(driver_entry<KubectlDriver>, {{"kubectl", kubectl}, {"transport", "exec"}});
            const FakeAnswer answer = host.perform(dry_run(verb));
            bool is_sent = false;
            for (const std::string &line : folder.lines("calls"))
                is_sent = is_sent || line.find("--dry-run") != std::string::npos;
            CHECK(is_sent == row.is_sent);
            CHECK((answer.code == Code::unsupported && !answer.succeeded) == !row.is_sent);
        }
}
