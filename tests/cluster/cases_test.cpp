// SPDX-License-Identifier: Apache-2.0
//
// Small inputs from public reports, each with its right value: over a real API server by both transports, and in dryrun's
// cluster.
#include "support/cases.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <ctime>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

std::string targets() {
    std::string text = "  dryrun: {driver: dryrun}\n";
    for (const char *transport : {"proxy", "exec"})
        text += std::string("  ") + transport + ": {driver: kubectl, settings: {kubectl: " + env("RESOURCIFIER_KUBECTL") +
                ", config: " + env("KUBECONFIG") + ", namespace: default, transport: " + transport + "}}\n";
    return text;
}

// One target of the daemon that all cases share.
class Target {
  public:
    explicit Target(std::string name) : name_(std::move(name)), client_(daemon().connect()) {}

    const std::string &name() const { return name_; }
    bool is_real() const { return name_ != "dryrun"; }

    HttpAnswer send(const std::string &method, const std::string &body, const std::string &query = {}) {
        return client_.send(method, "/targets/" + name_ + "/configurations" + query, body, wants_json);
    }
    void remove(const std::string &body) {
        const HttpAnswer answer = send("DELETE", body);
        INFO(answer.body);
        CHECK(answer.status == 204);
    }
    // The object at path, "cm/uni"; null where it is not there.
    json::value read(const std::string &path) {
        const HttpAnswer answer =
            client_.send("GET", "/targets/" + name_ + "/configurations/" + path + "?namespace=default", {}, wants_json);
        INFO(answer.body);
        CHECK((answer.status == 200 || answer.status == 404));
        return answer.status == 200 ? json::parse(answer.body) : json::value();
    }
    // The status of each resource, as "Created Failed".
    std::string states(const HttpAnswer &answer) { return words(answer, {"state", "status"}); }
    // What a plan says of each resource.
    std::string planned(const std::string &method, const std::string &body, const std::string &query = {}) {
        return words(send(method, body, query + (query.empty() ? "?" : "&") + "dryRun=All"), {"action"});
    }

  private:
    static const DaemonProcess &daemon() {
        static const DaemonProcess process(targets(), "default_target: dryrun\n");
        return process;
    }
    static std::string words(const HttpAnswer &answer, const std::vector<std::string> &path) {
        INFO(answer.body);
        REQUIRE((answer.status >= 200 && answer.status < 300));
        const json::value document = json::parse(answer.body);
        std::string all;
        for (const json::value &resource : document.at("resources").as_array()) {
            const json::value *word = &resource;
            for (const std::string &key : path) word = &word->at(key);
            all += (all.empty() ? "" : " ") + std::string(word->as_string());
        }
        return all;
    }

    std::string name_;
    HttpClient client_;
};

void on_each_target(const std::function<void(Target &)> &test) {
    for (const char *name : {"dryrun", "proxy", "exec"}) {
        INFO(name);
        Target target(name);
        test(target);
    }
}

// managedFields and resourceVersion are as fine as a second.
void wait_for_another_second() {
    for (const std::time_t now = std::time(nullptr); std::time(nullptr) <= now + 1;) std::this_thread::yield();
}

Ended kubectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), env("RESOURCIFIER_KUBECTL"));
    return run_program(arguments);
}

std::string config_map(const std::string &name, const json::object &data) {
    const json::object object{
        {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}, {"namespace", "default"}}}, {"data", data}};
    return json::serialize(
        json::object{{"resources", json::array{json::object{{"name", name}, {"type", "ConfigMap"}, {"properties", object}}}}});
}

} // namespace

TEST_CASE("texts are stored as they were posted, however they are posted") {
    struct Row {
        std::string body, name;
        json::object data;
    };
    const json::object odd{{"del", "\x7F"},          {"c1", "a\xC2\x80z"},     {"noncharacter", "\xEF\xBF\xBE"},
                           {"bom", "\xEF\xBB\xBFx"}, {"ls", " \xE2\x80\xA8 "}, {"cr", "a\rb\r\nc"}};
    const std::vector<Row> rows{
        {read_case("apply_nel_character.json"),
         "uni",
         {{"nel", "a\xC2\x85"
                  "b"},
          {"ps", "a\xE2\x80\xA9 b"}}},
        {config_map("uni", odd), "uni", odd},
        {read_case("yaml-escape-nbsp.yaml"), "nbsp", {{"k", "x\xC2\xA0y\xC2\x85z"}}},
    };
    on_each_target([&](Target &target) {
        for (const Row &row : rows)
            for (const std::string query : {"", "?strategy=apply"})
                for (const std::string method : {"POST", "PUT"}) {
                    INFO(row.name << " " << method << query);
                    if (method == "PUT" && query.empty()) target.send("POST", config_map(row.name, {}));
                    const HttpAnswer answer = target.send(method, row.body, query);
                    INFO(answer.body);
                    // kubectl's apply sends these as they are in what the API server reads as YAML.
                    if (target.name() == "exec" && !query.empty()) {
                        CHECK(target.states(answer) == "Failed");
                        CHECK_THAT(answer.body, ContainsSubstring("which kubectl's apply does not pass on as it is"));
                        continue;
                    }
                    CHECK((answer.status == 200 || answer.status == 201));
                    const json::value object = target.read("cm/" + row.name);
                    REQUIRE(object.is_object());
                    CHECK(object.at("data") == row.data);
                    target.remove(row.body);
                }
    });
}

TEST_CASE("a bare CR ends a line: never part of a value, never a comment to the end of the body") {
    on_each_target([](Target &target) {
        const HttpAnswer comment = target.send("POST", read_case("yaml-bare-cr-null.yaml"));
        CHECK(comment.status == 400);
        CHECK_THAT(comment.body, ContainsSubstring("'a'") || ContainsSubstring("line 2"));
        const std::string lines = read_case("yaml-cr-line-ends.yaml");
        CHECK(target.states(target.send("POST", lines)) == "Created");
        CHECK(target.read("cm/x").at("metadata").at("name") == "x");
        target.remove(lines);
    });
}

TEST_CASE("a definition and its object can be deleted twice, and plans say so") {
    const std::string both = read_case("crd_and_cr_delete_twice.json");
    on_each_target([&](Target &target) {
        CHECK(target.send("POST", both).status == 201);
        CHECK(target.planned("DELETE", both) == "delete delete");
        target.remove(both);
        CHECK(target.planned("DELETE", both) == "unchanged unchanged");
        target.remove(both);
    });
}

TEST_CASE("a field that a definition gains is written at once, and a misspelt one is refused") {
    const std::string first = case_step("crd_gains_field.json", "first_post"),
                      then = case_step("crd_gains_field.json", "then_put");
    json::value misspelt = json::parse(then);
    misspelt.at("resources").at(1).at("properties").at("spec").as_object()["coluor"] = "red";
    on_each_target([&](Target &target) {
        REQUIRE(target.send("POST", first).status == 201);
        CHECK(target.planned("PUT", then) == "update update");
        CHECK(target.states(target.send("PUT", then)) == "Replaced Replaced");
        CHECK(target.read("gadgets/one").at("spec").at("colour") == "red");
        if (target.is_real()) { // dryrun's cluster keeps what its definitions do not describe, as docs/dryrun-driver.md says
            const HttpAnswer refused = target.send("PUT", json::serialize(misspelt));
            CHECK(target.states(refused) == "Replaced Failed");
            CHECK_THAT(refused.body, ContainsSubstring("coluor"));
        }
        target.remove(then);
    });
}

TEST_CASE("what is applied again after more than a second is unchanged, and a PUT of it would change nothing") {
    struct Row {
        std::string file, kind; // no kind: the file is a configuration
    };
    const Row rows[] = {{"crd_with_status_apply_twice.yaml", ""},
                        {"empty_map_annotations.yaml", "Deployment"},
                        {"quantities.yaml", "Deployment"},
                        {"number_quantity_apply.yaml", "Deployment"}};
    on_each_target([&](Target &target) {
        for (const Row &row : rows) {
            INFO(row.file);
            const std::string body = row.kind.empty() ? read_case(row.file) : case_objects(row.file, row.kind).at(0);
            CHECK(target.states(target.send("POST", body, "?strategy=apply")) == "Created");
            wait_for_another_second();
            CHECK(target.planned("PUT", body, "?strategy=apply") == "unchanged");
            CHECK(target.states(target.send("PUT", body, "?strategy=apply")) == "Unchanged");
            CHECK(target.planned("PUT", body) == "unchanged");
            CHECK(target.states(target.send("PUT", body)) == "Replaced");
            target.remove(body);
        }
    });
}

TEST_CASE("a Job that is put again is unchanged, and another one is told what would do it") {
    const std::vector<std::string> jobs = case_objects("job_put_again.yaml", "Job");
    on_each_target([&](Target &target) {
        REQUIRE(target.send("PUT", jobs.at(0)).status >= 200);
        REQUIRE(target.send("POST", jobs.at(0)).status >= 200);
        CHECK(target.planned("PUT", jobs.at(0)) == "unchanged");
        CHECK(target.send("PUT", jobs.at(0)).status == 200);
        const HttpAnswer refused = target.send("PUT", jobs.at(1));
        CHECK(target.states(refused) == "Failed");
        CHECK_THAT(refused.body, ContainsSubstring("spec.template") && ContainsSubstring("delete the object and create it anew"));
        target.remove(jobs.at(0));
    });
}

TEST_CASE("one kind in two groups works") {
    const std::string all = read_case("kind_in_two_groups.json");
    on_each_target([&](Target &target) {
        CHECK(target.states(target.send("POST", all)) == "Created Created Created Created");
        CHECK(target.states(target.send("PUT", all)) == "Replaced Replaced Replaced Replaced");
        CHECK(target.states(target.send("PUT", all, "?strategy=apply")) == "Unchanged Unchanged Unchanged Unchanged");
        CHECK(target.read("gateways.mesh.example/same").at("spec").at("who") == "mesh");
        CHECK(target.read("gateways.net.example/same").at("spec").at("who") == "net");
        target.remove(all);
        CHECK(target.read("gateways.net.example/same").is_null());
    });
}

TEST_CASE("an apply takes over what a POST wrote, and another manager's fields still conflict") {
    const std::string posted = read_case("post_then_apply_own_conflict.yaml");
    on_each_target([&](Target &target) {
        for (const char *keep : {"9", "1"}) {
            CHECK(target.states(target.send("POST", posted)) == "Created");
            const std::string changed = config_map("legacy", {{"keep", keep}});
            CHECK(target.planned("PUT", changed, "?strategy=apply") == "update");
            CHECK(target.states(target.send("PUT", changed, "?strategy=apply")) == "Replaced");
            CHECK(target.read("cm/legacy").at("data") == json::value{{"keep", keep}});
            if (!target.is_real()) { // its simulated cluster has no other managers
                target.remove(posted);
                continue;
            }
            const TempFolder folder;
            write_file(folder.path() / "other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: legacy, namespace: "
                                                     "default}\ndata: {keep: theirs}\n");
            REQUIRE(kubectl({"apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f",
                             (folder.path() / "other.yaml").string()})
                        .exit_code == 0);
            const HttpAnswer conflict = target.send("PUT", changed, "?strategy=apply");
            CHECK(target.states(conflict) == "Failed");
            CHECK_THAT(conflict.body, ContainsSubstring("other") && ContainsSubstring("keep"));
            target.remove(posted);
        }
    });
}

TEST_CASE("one object twice is refused with both names, and two that are alike are one") {
    const std::string twice = read_case("same_object_twice.yaml");
    json::value alike = json::parse(config_map("twin", {{"v", "x"}}));
    json::value second = alike.at("resources").at(0);
    second.as_object()["name"] = "again";
    alike.at("resources").as_array().push_back(second);
    on_each_target([&](Target &target) {
        for (const std::string method : {"POST", "PUT"})
            for (const std::string query : {"", "?strategy=apply", "?dryRun=All"}) {
                INFO(method << query);
                const HttpAnswer answer = target.send(method, twice, query);
                CHECK(answer.status == 400);
                CHECK_THAT(answer.body, ContainsSubstring("'one'") && ContainsSubstring("'two'"));
            }
        CHECK(target.read("cm/twin").is_null());
        CHECK(target.states(target.send("POST", json::serialize(alike))) == "Created Created");
        target.remove(twice);
    });
}

TEST_CASE("a key that was taken out of stringData is gone, and the plan says so") {
    const std::vector<std::string> secrets = case_objects("secret_stringdata_twice.yaml", "Secret");
    on_each_target([&](Target &target) {
        CHECK(target.states(target.send("POST", secrets.at(0), "?strategy=apply")) == "Created");
        const HttpAnswer plan = target.send("PUT", secrets.at(1), "?strategy=apply&dryRun=All");
        CHECK_THAT(plan.body, ContainsSubstring("data.password") && !ContainsSubstring("a-long-password-1"));
        CHECK(target.states(target.send("PUT", secrets.at(1), "?strategy=apply")) == "Replaced");
        const json::value secret = target.read("secrets/login");
        INFO(json::serialize(secret));
        CHECK(secret.at("data").as_object().size() == 1);
        CHECK_FALSE(secret.as_object().contains("stringData"));
        target.remove(secrets.at(0));
    });
}

TEST_CASE("a ServiceAccount that is put four times keeps its one token") {
    const std::string robot = read_case("service_account_put.yaml");
    on_each_target([&](Target &target) {
        CHECK(target.send("POST", robot).status == 201);
        while (target.is_real() && !target.read("serviceaccounts/robot").as_object().contains("secrets"))
            std::this_thread::yield();
        const json::value before = target.read("serviceaccounts/robot");
        for (int turn = 0; turn < 4; ++turn) CHECK(target.send("PUT", robot).status == 200);
        const json::value after = target.read("serviceaccounts/robot");
        if (target.is_real()) {
            CHECK(after.at("secrets") == before.at("secrets"));
            CHECK(after.at("secrets").as_array().size() == 1);
            const Ended listed = kubectl({"get", "secrets", "-n", "default", "-o", "name"});
            std::size_t tokens = 0;
            for (std::size_t at = listed.out.find("/robot-token-"); at != std::string::npos;
                 at = listed.out.find("/robot-token-", at + 1))
                ++tokens;
            CHECK(tokens == 1);
        }
        target.remove(robot);
    });
}

TEST_CASE("a Service that is put again keeps the ports that the cluster gave it") {
    const std::vector<std::string> front = case_objects("service_nodeport_put.yaml", "Service");
    const std::vector<std::string> edge = case_objects("service_healthcheck_node_port.yaml", "Service");
    on_each_target([&](Target &target) {
        CHECK(target.send("POST", front.at(0)).status == 201);
        const json::value ports = target.read("services/front").at("spec").at("ports");
        CHECK(target.planned("PUT", front.at(0)) == "unchanged");
        CHECK(target.states(target.send("PUT", front.at(0))) == "Replaced");
        CHECK(target.read("services/front").at("spec").at("ports") == ports);
        target.remove(front.at(0));

        CHECK(target.send("POST", edge.at(0)).status == 201);
        const json::value before = target.read("services/edge").at("spec");
        CHECK(target.planned("PUT", edge.at(1)) == "update");
        CHECK(target.states(target.send("PUT", edge.at(1))) == "Replaced");
        CHECK(target.read("services/edge").at("spec") == before);
        CHECK(target.read("services/edge").at("metadata").at("labels") == json::value{{"tier", "edge"}});
        target.remove(edge.at(0));
    });
}
