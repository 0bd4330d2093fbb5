// SPDX-License-Identifier: Apache-2.0
//
// Whether plans say what then happens, in cases from public reports, over the simulated cluster and a driver for another one.
#include "support/cases.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view scratch = "  scratch: {driver: dryrun}\n";

// "name:action/basis" of each resource, of a plan; "name:status" of each, of a write.
std::string outcome(HttpClient &client, const std::string &method, const std::string &text, const std::string &query = {}) {
    const HttpAnswer answer = client.send(method, "/configurations" + query, text, wants_json);
    INFO(answer.body);
    const json::value body = json::parse(answer.body);
    REQUIRE(body.as_object().contains("resources"));
    std::string said;
    for (const json::value &resource : body.at("resources").as_array()) {
        said += (said.empty() ? "" : " ") + std::string(resource.at("name").as_string()) + ":";
        if (const json::value *state = resource.as_object().if_contains("state"))
            said += state->at("status").as_string();
        else
            said += std::string(resource.at("action").as_string()) + "/" + std::string(resource.at("basis").as_string());
    }
    return said;
}

std::string twin(const std::string &name, const std::string &ns, const std::string &value) {
    return "- {name: " + name + ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: twin" + ns +
           "}, data: {v: " + value + "}}}\n";
}

} // namespace

TEST_CASE("one object twice is refused with both names, and nothing is touched, planned or done") {
    DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();
    for (const std::string method : {"POST", "PUT"})
        for (const std::string query : {"", "?dryRun=All", "?strategy=apply", "?strategy=apply&dryRun=All"}) {
            INFO(method << query);
            const HttpAnswer answer =
                client.send(method, "/configurations" + query, read_case("same_object_twice.yaml"), wants_json);
            CHECK(answer.status == 400);
            CHECK_THAT(answer.body, ContainsSubstring("'one' and 'two' are the same object (ConfigMap default/twin)"));
        }
    CHECK(client.send("GET", "/configurations/cm/twin", {}, wants_json).status == 404);
    CHECK(outcome(client, "DELETE", read_case("same_object_twice.yaml"), "?dryRun=All") ==
          "one:unchanged/server two:unchanged/server");
    CHECK(client.send("DELETE", "/configurations", read_case("same_object_twice.yaml"), wants_json).status == 204);
}

TEST_CASE("two resources that are alike and one object count as one") {
    DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();
    const std::string both = "resources:\n" + twin("one", "", "x") + twin("two", ", namespace: default", "x");
    CHECK(outcome(client, "POST", both, "?dryRun=All") == "one:create/server two:unchanged/server");
    CHECK(outcome(client, "POST", both) == "one:Created two:Created");
    CHECK(outcome(client, "PUT", both, "?dryRun=All") == "one:unchanged/server two:unchanged/server");
    CHECK(outcome(client, "PUT", both) == "one:Replaced two:Replaced");
    CHECK(outcome(client, "POST", both) == "one:Failed two:Failed"); // it exists, for both
    CHECK(outcome(client, "POST", both, "?dryRun=All") == "one:failed/server two:failed/server");
    const HttpAnswer planned = client.send("DELETE", "/configurations?dryRun=All", both, wants_json);
    CHECK(planned.headers.at("resourcifier-changes") == "1");
    CHECK(client.send("DELETE", "/configurations", both, wants_json).status == 204);
    CHECK(client.send("GET", "/configurations/cm/twin", {}, wants_json).status == 404);
}

TEST_CASE("objects of a kind that gains a field in the same configuration are deferred, and then have it") {
    DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();
    const std::string first = case_step("crd_gains_field.json", "first_post"),
                      then = case_step("crd_gains_field.json", "then_put");
    REQUIRE(client.send("POST", "/configurations", first, wants_json).status == 201);
    for (const std::string query : {"?dryRun=All", "?dryRun=All&strategy=apply"})
        CHECK(outcome(client, "PUT", then, query) ==
              "customresourcedefinition-gadgets-shop-example:update/server gadget-one:update/deferred");
    REQUIRE(client.send("PUT", "/configurations", then, wants_json).status == 200);
    CHECK_THAT(client.send("GET", "/configurations/gadgets/one", {}, wants_json).body, ContainsSubstring("red"));
    CHECK(outcome(client, "PUT", then, "?dryRun=All") ==
          "customresourcedefinition-gadgets-shop-example:unchanged/server gadget-one:unchanged/server");
}

TEST_CASE("a Job that is put again is unchanged, and another one says what can't be changed and what would do it") {
    DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();
    const std::vector<std::string> jobs = case_objects("job_put_again.yaml", "Job");
    REQUIRE(jobs.size() == 2);
    REQUIRE(client.send("POST", "/configurations", jobs[0], wants_json).status == 201);
    for (int turn = 0; turn < 2; ++turn) {
        CHECK(outcome(client, "PUT", jobs[0], "?dryRun=All") == "it:unchanged/server");
        CHECK(client.send("PUT", "/configurations", jobs[0], wants_json).status == 200);
    }
    for (const std::string query : {"", "?dryRun=All"}) {
        const HttpAnswer answer = client.send("PUT", "/configurations" + query, jobs[1], wants_json);
        CHECK_THAT(answer.body, ContainsSubstring("ailed") && ContainsSubstring("spec.template") &&
                                    ContainsSubstring("delete the object and create it anew"));
    }
}

TEST_CASE("a quantity that is written otherwise is planned as what it is: another text") {
    DaemonProcess daemon(scratch);
    HttpClient client = daemon.connect();
    const auto agent = [](const std::string &memory) {
        return "resources:\n- {name: agent, type: DaemonSet, properties: {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: "
               "agent}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: "
               "[{name: c, "
               "image: \"i:1\", resources: {limits: {memory: \"" +
               memory + "\"}}}]}}}}}\n";
    };
    REQUIRE(client.send("POST", "/configurations", agent("200Mi"), wants_json).status == 201);
    CHECK(outcome(client, "PUT", agent("200Mi"), "?dryRun=All") == "agent:unchanged/server");
    CHECK(outcome(client, "PUT", agent("209715200"), "?dryRun=All") == "agent:update/server");
    for (const char *accept : {"application/json", "text/x-diff", "text/markdown", "text/html"}) {
        INFO(accept);
        const HttpAnswer answer = client.send("PUT", "/configurations?dryRun=All", agent("209715200"), {{"Accept", accept}});
        CHECK_THAT(answer.body, ContainsSubstring("the same quantity, written otherwise") && ContainsSubstring("209715200") &&
                                    ContainsSubstring("Its pods are replaced for this"));
    }
}

TEST_CASE("what a driver for another cluster calls status is content") {
    DaemonProcess daemon("  plain: {driver: " TEST_BINARY_DIR "/tests/drivers/plain.so}\n");
    HttpClient client = daemon.connect();
    for (const std::string type : {"Switch", "Service"}) { // Kubernetes has the second one, too
        const auto switched = [&](const std::string &status) {
            return "resources:\n- {name: light, type: " + type + ", properties: {status: " + status +
                   ", metadata: {uid: 1, generation: 2}}}\n";
        };
        REQUIRE(client.send("POST", "/configurations", switched("enabled"), wants_json).status == 201);
        CHECK(outcome(client, "PUT", switched("enabled"), "?dryRun=All") == "light:unchanged/client");
        CHECK(outcome(client, "PUT", switched("disabled"), "?dryRun=All") == "light:update/client");
        const HttpAnswer diff =
            client.send("PUT", "/configurations?dryRun=All", switched("disabled"), {{"Accept", "text/x-diff"}});
        CHECK_THAT(diff.body, ContainsSubstring("-status: enabled\n+status: disabled\n"));
    }
}
