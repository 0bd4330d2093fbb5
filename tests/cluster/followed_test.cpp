// SPDX-License-Identifier: Apache-2.0
//
// A request is found again in the cluster's own audit log, by its id.
#include "cluster/audit.hpp"
#include "cluster/audited_plane.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

using namespace rsf::test;
namespace json = boost::json;

namespace {

std::string followed_map(const std::string &name) {
    return "- {name: " + name + ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
           ", namespace: default}, data: {a: b}}}\n";
}

std::string text_of(const json::object &event, std::string_view key) {
    const json::value *found = event.if_contains(key);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// Of writes that were noted: "ID verb name".
std::vector<std::string> noted(std::size_t from) {
    std::vector<std::string> found;
    for (const json::object &event : audited(from))
        if (is_write(event))
            found.push_back(text_of(event, "auditID") + " " + text_of(event, "verb") + " " +
                            text_of(event.at("objectRef").as_object(), "name"));
    std::ranges::sort(found);
    return found;
}

} // namespace

TEST_CASE("what a request wrote stands in the cluster's audit log under the request's id, and its reads name it, too") {
    const DaemonProcess daemon(target_prod(), "default_target: prod\n");
    HttpClient client = daemon.connect();
    const std::size_t from = audit_size();
    const std::string both = "resources:\n" + followed_map("followed-1") + followed_map("followed-2");
    const HttpAnswer made = client.send("POST", "/configurations", both, {{"X-Request-Id", "ticket-7:a"}});
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(made.headers.at("x-request-id") == "ticket-7:a");
    REQUIRE(
        client.send("GET", "/configurations/ConfigMap/followed-1?namespace=default", {}, {{"X-Request-Id", "ticket-8"}}).status ==
        200);
    // An id of the client's that is none for the cluster: the cluster makes its own.
    const HttpAnswer removed = client.send("DELETE", "/configurations", both, {{"X-Request-Id", "ticket(9)"}});
    REQUIRE(removed.status == 204);

    const std::vector<std::string> writes = noted(from);
    CHECK(std::ranges::count(writes, "ticket-7:a create followed-1") == 1);
    CHECK(std::ranges::count(writes, "ticket-7:a create followed-2") == 1);
    CHECK(std::ranges::count_if(writes, [](const std::string &each) {
              return each.ends_with(" delete followed-1") && each.find("ticket") == each.npos;
          }) == 1);
    std::size_t reads = 0;
    for (const json::object &event : audited(from)) {
        const std::string id = text_of(event, "auditID"), agent = text_of(event, "userAgent");
        INFO(json::serialize(event));
        if (id.starts_with("ticket")) CHECK(agent.ends_with(" (request " + id + ")"));
        CHECK(agent.find("(9)") == agent.npos);
        if (id == "ticket-8") ++reads;
    }
    CHECK(reads > 0);
}
