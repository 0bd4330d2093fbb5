// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/planner/changes/changes.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

struct Compared {
    const char *title, *before, *after, *changes;
};

void check(const Compared &row) {
    INFO(row.title);
    CHECK(json::serialize(changes(json::parse(row.before), json::parse(row.after))) == json::serialize(json::parse(row.changes)));
}

} // namespace

TEST_CASE("objects are compared by key") {
    const Compared rows[] = {
        {"the same", R"({"a": 1, "b": {"c": [1, 2]}})", R"({"b": {"c": [1, 2]}, "a": 1})", "[]"},
        {"a value", R"({"a": {"b": 1}})", R"({"a": {"b": 2}})", R"([{"path": "a.b", "before": 1, "after": 2}])"},
        {"added", R"({"a": {}})", R"({"a": {"b": {"c": 1}}})", R"([{"path": "a.b", "after": {"c": 1}}])"},
        {"gone", R"({"a": {"b": {"c": 1}}})", R"({"a": {}})", R"([{"path": "a.b", "before": {"c": 1}}])"},
        {"another type", R"({"a": {"b": 1}})", R"({"a": [1]})", R"([{"path": "a", "before": {"b": 1}, "after": [1]}])"},
        {"the whole", "null", R"({"a": 1})", R"([{"path": "", "before": null, "after": {"a": 1}}])"},
        {"null is absent", R"({"a": null, "b": 1})", R"({"b": 1, "c": null})", "[]"},
        {"null becomes a value", R"({"a": null})", R"({"a": 1})", R"([{"path": "a", "after": 1}])"},
        {"numbers by value", R"({"a": 1, "b": [2.0], "c": 10})", R"({"a": 1.0, "b": [2], "c": 1e1})", "[]"},
        {"numbers that differ", R"({"a": 1})", R"({"a": 1.5})", R"([{"path": "a", "before": 1, "after": 1.5}])"},
        {"a number and its text", R"({"a": 1})", R"({"a": "1"})", R"([{"path": "a", "before": 1, "after": "1"}])"},
        {"odd keys", R"({"a": {"example.com/x": 1, "it's": 1, "b\\c": 1, "": 1, "1": 1, "x-y_Z": 1}})", R"({"a": {}})",
         R"([{"path": "a['']", "before": 1}, {"path": "a['1']", "before": 1}, {"path": "a['b\\\\c']", "before": 1},
             {"path": "a['example.com/x']", "before": 1}, {"path": "a['it\\'s']", "before": 1}, {"path": "a.x-y_Z", "before": 1}])"},
        {"an odd key first", R"({"a.b": 1})", R"({"a.b": 2})", R"([{"path": "['a.b']", "before": 1, "after": 2}])"},
    };
    for (const Compared &row : rows) check(row);
}

TEST_CASE("lists with keys are compared by key") {
    const Compared rows[] = {
        {"by name", R"({"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]})",
         R"({"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "z"}]})",
         R"([{"path": "containers[name=b].image", "before": "y", "after": "z"}])"},
        {"one in front", R"({"env": [{"name": "B"}]})", R"({"env": [{"name": "A", "value": "1"}, {"name": "B"}]})",
         R"([{"path": "env[name=A]", "after": {"name": "A", "value": "1"}}])"},
        {"one goes", R"({"env": [{"name": "A"}, {"name": "B"}]})", R"({"env": [{"name": "B"}]})",
         R"([{"path": "env[name=A]", "before": {"name": "A"}}])"},
        {"another order", R"({"env": [{"name": "A"}, {"name": "B"}, {"name": "C"}]})",
         R"({"env": [{"name": "C"}, {"name": "A"}, {"name": "B"}]})",
         R"([{"path": "env", "before": ["A", "B", "C"], "after": ["C", "A", "B"]}])"},
        {"another order and a value", R"({"env": [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "G"}]})",
         R"({"env": [{"name": "B"}, {"name": "N"}, {"name": "A", "value": "2"}]})",
         R"([{"path": "env", "before": ["A", "B"], "after": ["B", "A"]}, {"path": "env[name=G]", "before": {"name": "G"}},
             {"path": "env[name=N]", "after": {"name": "N"}}, {"path": "env[name=A].value", "before": "1", "after": "2"}])"},
        {"of the first list on", R"({"volumes": []})", R"({"volumes": [{"name": "v", "emptyDir": {}}]})",
         R"([{"path": "volumes[name=v]", "after": {"name": "v", "emptyDir": {}}}])"},
        {"the list itself", "{}", R"({"volumes": [{"name": "v"}]})", R"([{"path": "volumes", "after": [{"name": "v"}]}])"},
        {"an odd name", R"({"x": [{"name": "a,b]", "v": 1}]})", R"({"x": [{"name": "a,b]", "v": 2}]})",
         R"([{"path": "x[name='a,b]'].v", "before": 1, "after": 2}])"},
        {"container ports, though named", R"({"ports": [{"name": "web", "containerPort": 80}]})",
         R"({"ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]})",
         R"([{"path": "ports[containerPort=80,protocol=TCP].name", "before": "web", "after": "http"},
             {"path": "ports[containerPort=80,protocol=TCP].protocol", "after": "TCP"}])"},
        {"the same port twice",
         R"({"ports": [{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]})",
         R"({"ports": [{"containerPort": 53, "protocol": "UDP"}]})",
         R"([{"path": "ports[containerPort=53,protocol=TCP]", "before": {"containerPort": 53, "protocol": "TCP"}}])"},
        {"service ports", R"({"ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}]})",
         R"({"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]})",
         R"([{"path": "ports[port=80,protocol=TCP].targetPort", "before": 80, "after": 8080}])"},
        {"service ports with names", R"({"ports": [{"name": "web", "port": 80}]})", R"({"ports": [{"name": "web", "port": 81}]})",
         R"([{"path": "ports[name=web].port", "before": 80, "after": 81}])"},
        {"mounts of one volume", R"({"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}]})",
         R"({"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b", "readOnly": true}]})",
         R"([{"path": "volumeMounts[mountPath=/b].readOnly", "after": true}])"},
        {"within lists", R"({"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}]})",
         R"({"containers": [{"name": "a", "env": [{"name": "X", "value": "2"}]}]})",
         R"([{"path": "containers[name=a].env[name=X].value", "before": "1", "after": "2"}])"},
        {"a name twice: by position", R"({"x": [{"name": "a", "v": 1}, {"name": "a", "v": 2}]})",
         R"({"x": [{"name": "a", "v": 1}, {"name": "a", "v": 3}]})", R"([{"path": "x[1].v", "before": 2, "after": 3}])"},
    };
    for (const Compared &row : rows) check(row);
}

TEST_CASE("lists without keys are compared by their common subsequence, plain ones as a whole") {
    const Compared rows[] = {
        {"plain", R"({"verbs": ["get"]})", R"({"verbs": ["get", "list"]})",
         R"([{"path": "verbs", "before": ["get"], "after": ["get", "list"]}])"},
        {"plain, emptied", R"({"args": ["x"]})", R"({"args": []})", R"([{"path": "args", "before": ["x"], "after": []}])"},
        {"one in the middle", R"({"rules": [{"v": 1}, {"v": 2}, {"v": 3}]})",
         R"({"rules": [{"v": 1}, {"v": 9}, {"v": 2}, {"v": 3}]})", R"([{"path": "rules[1]", "after": {"v": 9}}])"},
        {"one goes", R"({"rules": [{"v": 1}, {"v": 2}, {"v": 3}]})", R"({"rules": [{"v": 1}, {"v": 3}]})",
         R"([{"path": "rules[1]", "before": {"v": 2}}])"},
        {"one changes", R"({"rules": [{"v": [1]}, {"v": [2]}, {"v": [3]}]})",
         R"({"rules": [{"v": [1]}, {"v": [4]}, {"v": [3]}]})", R"([{"path": "rules[1].v", "before": [2], "after": [4]}])"},
        {"one changes behind a new one", R"({"rules": [{"v": 1}, {"v": 2}, {"v": 3}]})",
         R"({"rules": [{"v": 7}, {"v": 1}, {"v": 8}, {"v": 3}, {"v": 9}]})",
         R"([{"path": "rules[0]", "after": {"v": 7}}, {"path": "rules[2].v", "before": 2, "after": 8},
             {"path": "rules[4]", "after": {"v": 9}}])"},
        {"at both ends", R"({"t": [{"k": "a"}, {"k": "b"}, {"k": "c"}]})", R"({"t": [{"k": "b"}]})",
         R"([{"path": "t[0]", "before": {"k": "a"}}, {"path": "t[2]", "before": {"k": "c"}}])"},
        {"one changes beside a new one", R"({"r": [{"v": 1}, {"g": "", "v": [2]}, {"v": 3}]})",
         R"({"r": [{"v": 1}, {"v": 7}, {"g": "", "v": [2, 4]}, {"v": 3}]})",
         R"([{"path": "r[1]", "after": {"v": 7}}, {"path": "r[2].v", "before": [2], "after": [2, 4]}])"},
        {"one changes beside those that go", R"({"r": [{"g": 1, "v": 1}, {"g": 2, "v": 2}, {"g": 3, "v": 3}]})",
         R"({"r": [{"g": 2, "v": 9}]})",
         R"([{"path": "r[0]", "before": {"g": 1, "v": 1}}, {"path": "r[0].v", "before": 2, "after": 9},
             {"path": "r[2]", "before": {"g": 3, "v": 3}}])"},
        {"lists in lists", R"({"x": [[1], [2]]})", R"({"x": [[1], [3]]})", R"([{"path": "x[1]", "before": [2], "after": [3]}])"},
        {"mixed", R"({"x": [1, {"a": 1}]})", R"({"x": [1, {"a": 2}]})", R"([{"path": "x[1].a", "before": 1, "after": 2}])"},
    };
    for (const Compared &row : rows) check(row);
}

TEST_CASE("very long lists without keys are compared, too") {
    json::array before, after;
    for (int i = 0; i < 2000; ++i) {
        before.push_back(json::object{{"v", i}});
        after.push_back(json::object{{"v", i + 5000}});
    }
    CHECK(changes(before, after).size() == 2000);
    after = before;
    after.insert(after.begin() + 1000, json::object{{"v", "new"}});
    CHECK(changes(before, after).size() == 1);
}

// The paths of the changes; those of another spelling of the same quantity with "=".
std::string changed_paths(const json::array &changes) {
    std::string text;
    for (const json::value &change : changes) {
        text += (text.empty() ? "" : " ") + std::string(change.at("path").as_string());
        if (const json::value *note = change.as_object().if_contains("note")) {
            CHECK(*note == "the same quantity, written otherwise");
            text += "=";
        }
    }
    return text;
}

TEST_CASE("another spelling of a quantity is a change with a note, in fields that hold quantities") {
    const Compared rows[] = {
        {"limits", R"({"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": 0.5}}})",
         R"({"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}})",
         "resources.limits.cpu= resources.limits.memory= resources.requests.cpu="},
        {"beside a real change", R"({"limits": {"cpu": "1", "memory": "200Mi"}})",
         R"({"limits": {"cpu": "2", "memory": "209715200"}})", "limits.cpu limits.memory="},
        {"a claim", R"({"requests": {"storage": "1Gi"}})", R"({"requests": {"storage": "1073741824"}})", "requests.storage="},
        {"a quota", R"({"hard": {"requests.cpu": "1e3"}})", R"({"hard": {"requests.cpu": "1k"}})", "hard['requests.cpu']="},
        {"a limit range", R"({"limits": [{"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "1"}}]})",
         R"({"limits": [{"type": "Container", "max": {"cpu": "2000m"}, "default": {"cpu": "1000m"}}]})",
         "limits[0].default.cpu= limits[0].max.cpu="},
        {"single fields", R"({"a": {"sizeLimit": "1Ki", "divisor": "0", "averageValue": "100m"}})",
         R"({"a": {"sizeLimit": "1024", "divisor": "0m", "averageValue": "0.1"}})", "a.averageValue= a.divisor= a.sizeLimit="},
        {"a metric", R"({"target": {"type": "Value", "value": "1k"}})", R"({"target": {"type": "Value", "value": "1000"}})",
         "target.value="},
        {"the same", R"({"limits": {"cpu": "1000m"}})", R"({"limits": {"cpu": "1000m"}})", ""},
    };
    for (const Compared &row : rows) {
        INFO(row.title);
        CHECK(changed_paths(changes(json::parse(row.before), json::parse(row.after))) == row.changes);
    }
}

TEST_CASE("texts that are not the same quantity are plain changes") {
    const Compared rows[] = {
        {"another value", R"({"limits": {"cpu": "1000m"}})", R"({"limits": {"cpu": "1001m"}})",
         R"([{"path": "limits.cpu", "before": "1000m", "after": "1001m"}])"},
        {"elsewhere", R"({"env": [{"name": "X", "value": "1000m"}]})", R"({"env": [{"name": "X", "value": "1"}]})",
         R"([{"path": "env[name=X].value", "before": "1000m", "after": "1"}])"},
        {"in data", R"({"data": {"storage": "1000m"}})", R"({"data": {"storage": "1"}})",
         R"([{"path": "data.storage", "before": "1000m", "after": "1"}])"},
        {"in labels", R"({"metadata": {"labels": {"capacity": "1.0"}}})", R"({"metadata": {"labels": {"capacity": "1"}}})",
         R"([{"path": "metadata.labels.capacity", "before": "1.0", "after": "1"}])"},
        {"no quantities", R"({"limits": {"x": "a"}})", R"({"limits": {"x": "b"}})",
         R"([{"path": "limits.x", "before": "a", "after": "b"}])"},
    };
    for (const Compared &row : rows) check(row);
}

TEST_CASE("values of the same meaning are spelled as before") {
    const Compared rows[] = {
        // changes: the object spelled as before
        {"quantities stay as they are written", R"({"limits": {"cpu": "1"}})", R"({"limits": {"cpu": "1000m"}})",
         R"({"limits": {"cpu": "1000m"}})"},
        {"numbers", R"({"a": 1, "b": [1, 2]})", R"({"a": 1.0, "b": [1.0, 2.0]})", R"({"a": 1, "b": [1, 2]})"},
        {"nulls", R"({"a": null, "b": {"c": 1}})", R"({"b": {"c": 1, "d": null}})", R"({"b": {"c": 1}, "a": null})"},
        {"in keyed lists", R"({"containers": [{"name": "a", "x": {"y": 1}}, {"name": "b", "x": {"y": 2}}]})",
         R"({"containers": [{"name": "b", "x": {"y": 2.0}}, {"name": "a", "x": {"y": 1.0}}]})",
         R"({"containers": [{"name": "b", "x": {"y": 2}}, {"name": "a", "x": {"y": 1}}]})"},
        {"behind what is new", R"({"x": [{"y": 1}]})", R"({"x": [{"new": 1}, {"y": 1.0}]})", R"({"x": [{"new": 1}, {"y": 1}]})"},
        {"real changes", R"({"a": 1, "b": "x"})", R"({"a": 2, "c": "y"})", R"({"a": 2, "c": "y"})"},
    };
    for (const Compared &row : rows) {
        INFO(row.title);
        CHECK(json::serialize(spelled_as(json::parse(row.before), json::parse(row.after))) ==
              json::serialize(json::parse(row.changes)));
    }
}

TEST_CASE("spelling as before keeps every change") {
    // Small objects in all combinations: the result has the meaning of after, and the same changes from before.
    const char *values[] = {"null",
                            "1",
                            "1.0",
                            "\"1\"",
                            "\"1000m\"",
                            "{}",
                            "[]",
                            R"([{"name": "a"}, {"name": "b", "cpu": "1"}])",
                            R"([{"name": "b", "cpu": "1000m"}, {"name": "a"}])",
                            R"([{"cpu": 1}, {"x": null}])",
                            R"([{"cpu": "1"}])",
                            R"({"cpu": "1"})",
                            R"({"cpu": "1000m", "b": null})",
                            R"({"cpu": 1})",
                            "[1, 2]",
                            "[2, 1.0]"};
    for (const char *key : {"limits", "data", "x"})
        for (const char *one : values)
            for (const char *other : values) {
                INFO(key << ": " << one << " -> " << other);
                const json::value before = json::object{{key, json::parse(one)}};
                const json::value after = json::object{{key, json::parse(other)}};
                const json::value result = spelled_as(before, after);
                CHECK(changes(after, result).empty());
                const json::array found = changes(before, after);
                CHECK(changes(before, result).size() == found.size());
                CHECK(found.empty() == (result == before));
                CHECK(changes(after, before).size() == found.size());
                CHECK(changes(before, before).empty());
            }
}

TEST_CASE("over a cluster that is not Kubernetes every difference counts") {
    const Compared rows[] = {
        {"null is a value", R"({"a": null})", R"({})", R"([{"path": "a", "before": null}])"},
        {"null comes", R"({})", R"({"a": {"b": null}})", R"([{"path": "a", "after": {"b": null}}])"},
        {"null becomes something", R"({"a": null})", R"({"a": 1})", R"([{"path": "a", "before": null, "after": 1}])"},
        {"nothing is a quantity", R"({"limits": {"cpu": "1000m"}})", R"({"limits": {"cpu": "1"}})",
         R"([{"path": "limits.cpu", "before": "1000m", "after": "1"}])"},
        {"numbers by value", R"({"a": 1})", R"({"a": 1.0})", "[]"},
        {"the order of keys", R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})", "[]"},
    };
    for (const Compared &row : rows) {
        INFO(row.title);
        const json::value before = json::parse(row.before), after = json::parse(row.after);
        const json::array found = changes(before, after, Conventions::foreign);
        CHECK(json::serialize(found) == json::serialize(json::parse(row.changes)));
        CHECK((spelled_as(before, after, Conventions::foreign) == before) == found.empty());
    }
}

TEST_CASE("path_of_entry() names an entry as changes() does") {
    CHECK(path_of_entry("spec.containers", "web") == "spec.containers[name=web]");
    CHECK(path_of_entry("spec.containers", "a'b") == "spec.containers[name='a\\'b']");
    CHECK(path_of_key("", "spec") == "spec");
}
