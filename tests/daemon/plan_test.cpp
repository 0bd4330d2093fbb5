// SPDX-License-Identifier: Apache-2.0
//
// Dry runs as reviewers meet them, over the simulated cluster; and drivers that would rather write.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view reviewed = "  scratch: {driver: dryrun}\n  review: {driver: dryrun, settings: {over: scratch}}\n";

// One line of YAML for each.
std::string body(const std::vector<std::string> &resources) {
    std::string text = "resources:\n";
    for (const std::string &resource : resources) text += "- " + resource + "\n";
    return text;
}

std::string config_map(const std::string &name, const std::string &data, const std::string &more = {}) {
    return "{name: " + name + ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + more +
           "}, data: {" + data + "}}}";
}

json::value plan(HttpClient &client, const std::string &method, const std::string &text,
                 const std::string &path = "/configurations?dryRun=true") {
    const HttpAnswer answer = client.send(method, path, text, wants_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
}

std::string actions(const json::value &plan) {
    std::string text;
    for (const json::value &resource : plan.at("resources").as_array())
        text += (text.empty() ? "" : " ") + std::string(resource.at("name").as_string()) + ":" +
                std::string(resource.at("action").as_string());
    return text;
}

// Everything that the cluster holds of these kinds.
std::string everything(HttpClient &client) {
    std::string text;
    for (const char *kind : {"namespaces", "configmaps", "secrets", "services", "customresourcedefinitions"})
        text += client.send("GET", std::string("/configurations/") + kind + "?allNamespaces=true", {}, wants_json).body;
    return text;
}

} // namespace

TEST_CASE("a dry run and a target that stands over another give the same plan, and change nothing") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", body({config_map("kept", "a: b"), config_map("changed", "a: b")})).status ==
            201);
    const std::string before = everything(client);
    for (const std::string method : {"POST", "PUT", "DELETE"}) {
        const std::string text = body({config_map("kept", "a: b"), config_map("changed", "a: c"), config_map("new", "a: b")});
        json::value asked = plan(client, method, text), over = plan(client, method, text, "/targets/review/configurations");
        for (json::value *one : {&asked, &over}) one->as_object().erase("time");
        CHECK(asked == over);
        CHECK(asked.at("target") == "scratch");
        CHECK(everything(client) == before);
        if (method == "POST") CHECK(actions(asked) == "kept:failed changed:failed new:create");
        if (method == "PUT") CHECK(actions(asked) == "kept:unchanged changed:update new:failed");
        if (method == "DELETE") CHECK(actions(asked) == "kept:delete changed:delete new:unchanged");
    }
}

TEST_CASE("a plan of an apply creates what is absent, updates what is otherwise, and is what the apply then does") {
    DaemonProcess daemon("  scratch: {driver: dryrun}\n  applied: {driver: dryrun, strategy: apply}\n"
                         "  review: {driver: dryrun, settings: {over: applied}}\n",
                         "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const std::string first = body({config_map("kept", "a: b"), config_map("changed", "a: b, gone: x")});
    const std::string then = body({config_map("kept", "a: b"), config_map("changed", "a: c"), config_map("new", "a: b")});
    for (const std::string query : {"?strategy=apply", ""}) { // as the request says on scratch, as the target says on applied
        const std::string base = query.empty() ? "/targets/applied/configurations" : "/configurations";
        REQUIRE(client.send("POST", base + query, first).status == 201);
        for (const std::string method : {"POST", "PUT"}) {
            const json::value planned = plan(client, method, then, base + (query.empty() ? "?" : query + "&") + "dryRun=All");
            CHECK(planned.at("verb") == "apply");
            CHECK(actions(planned) == "kept:unchanged changed:update new:create");
            const json::value &changed = planned.at("resources").at(1);
            CHECK(changed.at("basis") == "server");
            CHECK(changed.at("changes") ==
                  json::parse(R"([{"path": "data.a", "before": "b", "after": "c"}, {"path": "data.gone", "before": "x"}])"));
        }
        if (query.empty()) CHECK(plan(client, "PUT", then, "/targets/review/configurations").at("verb") == "apply");
        const HttpAnswer done = client.send("PUT", base + query, then, wants_json);
        CHECK(done.status == 200);
        std::string states;
        const json::value answered = json::parse(done.body);
        for (const json::value &resource : answered.at("resources").as_array())
            states += std::string(resource.at("state").at("status").as_string()) + " ";
        CHECK(states == "Unchanged Replaced Created ");
        CHECK(json::parse(client.send("GET", base + "/cm/changed", {}, wants_json).body).at("data") == json::object{{"a", "c"}});
        CHECK(client.send("POST", base + query, then).status == 200);
    }
}

TEST_CASE("a plan of an apply sees its own earlier steps") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const json::value planned =
        plan(client, "PUT",
             body({config_map("inside", "a: b", ", namespace: shop"),
                   "{name: shop, type: Namespace, properties: {apiVersion: v1, kind: Namespace, metadata: {name: shop}}}"}),
             "/configurations?strategy=apply&dryRun=true");
    CHECK(actions(planned) == "inside:create shop:create");
    CHECK(planned.at("resources").at(0).at("basis") == "deferred");
}

TEST_CASE("a plan says which fields change, and counts for scripts") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", body({config_map("a", "k: old, same: x"), config_map("b", "k: v")})).status ==
            201);
    const HttpAnswer answer = client.send("PUT", "/configurations?dryRun=All",
                                          body({config_map("a", "k: new, same: x"), config_map("b", "k: v")}), wants_json);
    CHECK(answer.headers.at("resourcifier-changes") == "1");
    const json::value planned = json::parse(answer.body);
    CHECK(planned.at("resources").at(0).at("changes") == json::parse(R"([{"path": "data.k", "before": "old", "after": "new"}])"));
    CHECK_THAT(std::string(planned.at("resources").at(0).at("diff").as_string()), ContainsSubstring("-  k: old\n+  k: new\n"));
    CHECK(planned.at("resources").at(0).at("basis") == "server");
    CHECK(planned.at("summary") ==
          json::parse(R"({"create": 0, "update": 1, "delete": 0, "unchanged": 1, "failed": 0, "deferred": 0})"));
}

TEST_CASE("a plan sees its own earlier steps") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const json::value planned =
        plan(client, "POST",
             body({config_map("inside", "uid: $(ref.shop.metadata.uid)", ", namespace: shop"),
                   "{name: shop, type: Namespace, properties: {apiVersion: v1, kind: Namespace, metadata: {name: shop}}}",
                   "{name: widget, type: Widget, properties: {apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}}",
                   "{name: widgets, type: CustomResourceDefinition, properties: {apiVersion: apiextensions.k8s.io/v1, kind: "
                   "CustomResourceDefinition, metadata: {name: widgets.example.com}, spec: {group: example.com, scope: "
                   "Namespaced, names: "
                   "{kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: "
                   "{openAPIV3Schema: {type: "
                   "object}}}]}}}",
                   config_map("after", "copy: $(ref.inside.data.uid)")}));
    CHECK(actions(planned) == "inside:create shop:create widget:create widgets:create after:create");
    const json::value &inside = planned.at("resources").at(0);
    CHECK(inside.at("basis") == "deferred");
    CHECK_THAT(std::string(inside.at("reason").as_string()), ContainsSubstring("namespace is made first"));
    CHECK_THAT(std::string(inside.at("diff").as_string()), ContainsSubstring("uid: (known after shop)"));
    CHECK(inside.at("depends_on") == json::array{"shop"});
    CHECK(planned.at("resources").at(2).at("basis") == "deferred");
    CHECK_THAT(std::string(planned.at("resources").at(2).at("reason").as_string()),
               ContainsSubstring("kind Widget is made first"));
    CHECK_THAT(std::string(planned.at("resources").at(4).at("diff").as_string()),
               ContainsSubstring("copy: (known after inside)"));
    CHECK(everything(client).find("shop") == std::string::npos);
}

TEST_CASE("what would fail is planned as failed, with all that depends on it") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const json::value planned = plan(
        client, "POST",
        body({"{name: bad, type: Service, properties: {apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {ports: 3}}}",
              config_map("needs", "ip: $(ref.bad.spec.clusterIP)"), config_map("free", "a: b")}));
    CHECK(actions(planned) == "bad:failed needs:failed free:create");
    CHECK_FALSE(planned.at("resources").at(0).at("errors").as_array().empty());
    CHECK_THAT(json::serialize(planned.at("resources").at(1).at("errors")),
               ContainsSubstring("it refers to 'bad', which failed"));
}

TEST_CASE("no form of a plan shows a secret's value, wherever it went") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const auto secret = [](const std::string &value) {
        return "{name: key, type: Secret, properties: {apiVersion: v1, kind: Secret, metadata: {name: key}, stringData: "
               "{password: " +
               value + "}}}";
    };
    REQUIRE(client.send("POST", "/configurations", body({secret("hunter2-old")})).status == 201);
    for (const char *accept : {"application/json", "application/yaml", "text/x-diff", "text/markdown", "text/html"}) {
        const HttpAnswer answer =
            client.send("PUT", "/configurations?dryRun=true", body({secret("hunter2-new")}), {{"Accept", accept}});
        INFO(accept << "\n" << answer.body);
        CHECK(answer.headers.at("resourcifier-changes") == "1");
        for (const char *value : {"hunter2", "aHVudGVyMi1vbGQ", "aHVudGVyMi1uZXc"})
            CHECK_THAT(answer.body, !ContainsSubstring(value));
        CHECK_THAT(answer.body, ContainsSubstring("secret "));
        const HttpAnswer spread =
            client.send("POST", "/configurations?dryRun=true",
                        body({config_map("copy", "url: \"redis://:hunter2-own@db\""),
                              "{name: own, type: Secret, properties: {apiVersion: v1, kind: Secret, metadata: {name: own}, data: "
                              "{password: aHVudGVyMi1vd24=}}}",
                              config_map("refers", "value: $(ref.own.data.password)")}),
                        {{"Accept", accept}});
        CHECK_THAT(spread.body, !ContainsSubstring("aHVudGVyMi1vd24"));
    }
}

TEST_CASE("what a Secret takes from an object that is not made yet shows as such") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    for (const std::string values : {"stringData", "data"}) { // the second is no base64, which the cluster refuses
        const json::value planned =
            plan(client, "POST",
                 body({config_map("redis", "a: b"),
                       "{name: key, type: Secret, properties: {apiVersion: v1, kind: Secret, metadata: {name: key}, " + values +
                           ": {uid: $(ref.redis.metadata.uid), more: \"hunter2 $(ref.redis.metadata.uid)\"}}}"}));
        const std::string diff(planned.at("resources").at(1).at("diff").as_string());
        INFO(json::serialize(planned));
        CHECK_THAT(diff, ContainsSubstring("uid: (known after redis)") && ContainsSubstring("more: (secret "));
        CHECK_THAT(diff, !ContainsSubstring("hunter2"));
    }
}

TEST_CASE("no form of a plan shows what the target's driver marks as secret") {
    DaemonProcess daemon("  plain: {driver: " TEST_BINARY_DIR "/tests/drivers/plain.so}\n");
    HttpClient client = daemon.connect();
    const auto account = [](const std::string &type, const std::string &n) {
        return "{name: me, type: " + type + ", properties: {owner: anna, pin: 70770" + n + ", users: {bob: {token: t0k3n-long-" +
               n + ", room: \"12\"}}, a/b: {keys: [{deep: gr0und-" + n + "}]}, copy: \"x t0k3n-long-" + n + " y\"}}";
    };
    for (const std::string type : {"Account", "ACCT"}) {
        REQUIRE(client.send("POST", "/configurations", body({account(type, "1")})).status == 201);
        for (const char *accept : {"application/json", "application/yaml", "text/x-diff", "text/markdown", "text/html"}) {
            const HttpAnswer answer =
                client.send("PUT", "/configurations?dryRun=true", body({account(type, "2")}), {{"Accept", accept}});
            INFO(accept << "\n" << answer.body);
            CHECK(answer.headers.at("resourcifier-changes") == "1");
            for (const char *value : {"70770", "t0k3n", "gr0und"}) CHECK_THAT(answer.body, !ContainsSubstring(value));
            CHECK_THAT(answer.body, ContainsSubstring("secret "));
        }
        const json::value same = plan(client, "PUT", body({account(type, "1")}));
        CHECK(actions(same) == "me:unchanged");
    }
    REQUIRE(client.send("POST", "/configurations", body({account("Room", "1")})).status == 201);
    const HttpAnswer other =
        client.send("PUT", "/configurations?dryRun=true", body({account("Room", "2")}), {{"Accept", "text/x-diff"}});
    CHECK_THAT(other.body, ContainsSubstring("t0k3n-long-2") && ContainsSubstring("707702"));
}

TEST_CASE("a delete plan names what the cluster deletes along, and what stays because something else can't be deleted") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const std::string shop =
        "{name: shop, type: Namespace, properties: {apiVersion: v1, kind: Namespace, metadata: {name: shop}}}";
    const std::string widgets =
        "{name: widgets, type: CustomResourceDefinition, properties: {apiVersion: apiextensions.k8s.io/v1, kind: "
        "CustomResourceDefinition, metadata: {name: widgets.example.com}, spec: {group: example.com, scope: Cluster, names: "
        "{kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: "
        "object}}}]}}}";
    const auto widget = [](const std::string &name) {
        return "{name: " + name +
               ", type: Widget, properties: {apiVersion: example.com/v1, kind: Widget, metadata: {name: " + name + "}}}";
    };
    const std::string inside = config_map("inside", "a: b", ", namespace: shop");
    REQUIRE(
        client
            .send("POST", "/configurations",
                  body({shop, inside, config_map("forgotten", "a: b", ", namespace: shop"), widgets, widget("w1"), widget("w2")}))
            .status == 201);

    const json::value planned = plan(client, "DELETE", body({shop, inside, widgets, widget("w1")}));
    CHECK(actions(planned) == "shop:delete inside:delete widgets:delete w1:delete");
    CHECK(planned.at("resources").at(0).at("takes_along") ==
          json::parse(R"([{"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "forgotten"}])"));
    CHECK(planned.at("resources").at(2).at("takes_along") ==
          json::parse(R"([{"apiVersion": "example.com/v1", "kind": "Widget", "name": "w2"}])"));
    CHECK_FALSE(planned.at("resources").at(1).as_object().contains("takes_along"));
    for (const char *accept : {"text/x-diff", "text/markdown", "text/html"})
        CHECK_THAT(client.send("DELETE", "/configurations?dryRun=true", body({shop}), {{"Accept", accept}}).body,
                   ContainsSubstring("ConfigMap shop/forgotten"));

    const std::string refused = "{name: refused, type: Namespace, properties: {apiVersion: v1, kind: Namespace, metadata: {name: "
                                "kube-system, labels: {a: $(ref.w1.metadata.name)}}}}";
    const json::value failing = plan(client, "DELETE", body({widget("w1"), refused, widget("w2")}));
    CHECK(actions(failing) == "w1:delete refused:failed w2:delete");
}

TEST_CASE("a driver that would write through another target is refused, however it tries") {
    DaemonProcess daemon("  real: {driver: dryrun}\n  bystander: {driver: dryrun}\n"
                         "  sneak: {driver: " TEST_BINARY_DIR "/tests/drivers/sneak.so, settings: {over: real}}\n",
                         "default_target: real\n");
    HttpClient client = daemon.connect();
    const std::string before = everything(client);
    const auto trick = [&](const std::string &name) {
        const HttpAnswer answer = client.send("GET", "/targets/sneak/configurations/x/" + name, {}, wants_json);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return std::string(json::parse(answer.body).at("said").as_string());
    };
    CHECK(trick("reads") == "done");
    CHECK(trick("dry") == "done"); // the simulated cluster has a dry run
    CHECK_THAT(trick("plainly"), StartsWith("6 ") && ContainsSubstring("may change nothing"));
    CHECK_THAT(trick("on-a-thread"), StartsWith("6 ") && ContainsSubstring("may change nothing"));
    CHECK_THAT(trick("elsewhere"), StartsWith("1 ") && ContainsSubstring("name no target 'bystander'"));
    CHECK(trick("afterwards") == "begun");
    CHECK_THAT(trick("what-became-of-it"), StartsWith("9 ") && ContainsSubstring("is over"));
    CHECK(everything(client) == before);
}

TEST_CASE("a plan over a driver without a dry run is merged without asking, and says so") {
    DaemonProcess daemon("  plain: {driver: " TEST_BINARY_DIR "/tests/drivers/plain.so}\n");
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", body({"{name: disk, type: Volume, properties: {size: 3}}"})).status == 201);
    const json::value planned = plan(client, "PUT", body({"{name: disk, type: Volume, properties: {size: 4, tier: fast}}"}));
    CHECK(actions(planned) == "disk:update");
    CHECK(planned.at("resources").at(0).at("basis") == "client");
    CHECK_THAT(std::string(planned.at("resources").at(0).at("reason").as_string()), ContainsSubstring("no dry run"));
    CHECK(planned.at("resources").at(0).at("changes") ==
          json::parse(R"([{"path": "size", "before": 3, "after": 4}, {"path": "tier", "after": "fast"}])"));
    const json::value applied = plan(client, "POST", body({"{name: disk, type: Volume, properties: {tier: fast}}"}),
                                     "/configurations?dryRun=true&strategy=apply");
    CHECK(applied.at("resources").at(0).at("basis") == "client");
    CHECK(applied.at("resources").at(0).at("changes") == json::parse(R"([{"path": "tier", "after": "fast"}])"));
    CHECK(client.send("DELETE", "/configurations?dryRun=true", body({"{name: disk, type: Volume, properties: {}}"})).status ==
          501);
    CHECK_THAT(client.send("GET", "/configurations/Volume/disk", {}, wants_json).body, ContainsSubstring("\"size\":3"));
}
