// SPDX-License-Identifier: Apache-2.0
//
// What counts as absent on delete, and what does not: over the proxy and over processes.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <algorithm>
#include <atomic>

namespace {

const FakeReply no_answer{0, {}}, no_path{refusal(404, "NotFound", "the server could not find the requested resource")},
    deleted{ok({{"kind", "Status"}, {"status", "Success"}})}, plain_404{404, "404 page not found\n"};

json::value list_of(const char *api_version, const char *kind, const char *plural) {
    return {
        {"kind", "APIResourceList"},
        {"groupVersion", api_version},
        {"resources", json::array{json::object{{"kind", kind}, {"name", plural}, {"namespaced", true}, {"singularName", ""}}}}};
}

json::value with_verbs(json::array verbs) {
    json::value list = list_of("shop.example/v2", "Widget", "widgets");
    list.at("resources").at(0).as_object()["verbs"] = std::move(verbs);
    return list;
}

const json::value all_groups = json::parse(R"({"kind": "APIGroupList", "groups": [
    {"name": "shop.example", "versions": [{"groupVersion": "shop.example/v2", "version": "v2"}]},
    {"name": "networking.k8s.io", "versions": [{"groupVersion": "networking.k8s.io/v1", "version": "v1"}]}]})");

std::string outcome_of(const FakeAnswer &answer) {
    if (answer.succeeded) return answer.outcome == Outcome::unchanged ? "absent" : "deleted";
    return "code " + std::to_string(static_cast<int>(answer.code));
}

json::object deletes_target(const std::string &kubectl, const char *transport) {
    return {{"kubectl", kubectl}, {"server", "http://localhost:1"}, {"namespace", "there"}, {"transport", transport}};
}

std::string object_of(const char *api_version, const char *kind) {
    return json::serialize(json::object{{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", "x"}}}});
}

// Has Widgets in shop.example/v2 and Ingresses in networking.k8s.io/v1, deletes whatever it is asked to, and has one answer that
// is otherwise.
FakeApi::Handler cluster(std::string target = {}, FakeReply reply = {}) {
    return [=](const FakeRequest &request) {
        if (request.target == target) return reply;
        if (request.target == "/apis") return ok(all_groups);
        if (request.target == "/apis/shop.example/v2") return ok(list_of("shop.example/v2", "Widget", "widgets"));
        if (request.target == "/apis/networking.k8s.io/v1") return ok(list_of("networking.k8s.io/v1", "Ingress", "ingresses"));
        return request.method == "DELETE" ? deleted : no_answer;
    };
}

} // namespace

TEST_CASE("a document that can't be an object counts as absent, and the cluster is not asked") {
    struct Row {
        const char *name, *object;
    };
    const std::vector<Row> rows{
        {"a list", R"({"apiVersion": "v1", "kind": "List", "items": []})"},
        {"what kubectl takes for a list", R"({"apiVersion": "v1", "kind": "ConfigMap", "items": [], "metadata": {"name": "x"}})"},
        {"a name of the cluster's choosing", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}})"},
        {"no apiVersion", R"({"kind": "Widget", "metadata": {"name": "x"}})"},
        {"a name that can't be one", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "../x"}})"},
        {"a namespace that can't be one",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "A/B"}})"},
        {"a reference that was left", R"~({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "$(ref.a.b)"}})~"},
    };
    for (const char *transport : {"proxy", "exec"})
        for (const Row &row : rows) {
            INFO(transport << ": " << row.name);
            FakeApi api;
            FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(api.kubectl(), transport));
            for (const std::uint32_t flags : {0U, std::uint32_t{RSF_CALL_DRY_RUN}}) {
                FakeCall call;
                call.verb = RSF_DELETE;
                call.flags = flags;
                call.type = "Thing";
                call.object = row.object;
                CHECK(outcome_of(host.perform(call)) == "absent");
            }
            CHECK(api.requests().empty());
        }
}

TEST_CASE("over the proxy, a kind counts as absent once the cluster has listed what it has") {
    struct Row {
        const char *name;
        std::string object, outcome, deletion; // the request that deletes
        FakeApi::Handler handler = cluster();
    };
    const std::string widget = object_of("shop.example/v2", "Widget"), gadget = object_of("shop.example/v2", "Gadget"),
                      map = object_of("v1", "ConfigMap");
    const std::string widgets = "/apis/shop.example/v2", at_widget = "DELETE /apis/shop.example/v2/namespaces/there/widgets/x",
                      maps = "/api/v1/namespaces/there/configmaps/x", at_map = "DELETE " + maps;
    const std::vector<Row> rows{
        {"it is there", widget, "deleted", at_widget},
        {"the group never was", object_of("never.example/v1", "Widget"), "absent", ""},
        {"the group has other kinds", gadget, "absent", ""},
        {"its objects are answered and never stored", widget, "absent", "", cluster(widgets, ok(with_verbs({"create"})))},
        {"its objects can only be read", widget, "deleted", at_widget, cluster(widgets, ok(with_verbs({"get", "list"})))},
        {"the core group has other kinds", object_of("v1", "Widget"), "absent", ""},
        {"another version of its group has it", object_of("shop.example/v1", "Widget"), "deleted", at_widget},
        {"it moved to another group", object_of("extensions/v1beta1", "Ingress"), "deleted",
         "DELETE /apis/networking.k8s.io/v1/namespaces/there/ingresses/x"},
        {"its group just went", widget, "absent", "", cluster(widgets, no_path)},
        {"its group's server is down", widget, "code 7", "",
         cluster(widgets, refusal(503, "ServiceUnavailable", "the server is currently unable to handle the request"))},
        {"its group may not be listed", widget, "code 6", "", cluster(widgets, refusal(403, "Forbidden", "no"))},
        {"the groups may not be listed", gadget, "code 6", "", cluster("/apis", refusal(403, "Forbidden", "no"))},
        {"what answers is no API server", gadget, "code 7", "", [](const FakeRequest &) { return plain_404; }},
        {"what answers has one answer to everything", gadget, "code 7", "",
         [](const FakeRequest &) { return ok(json::object{}); }},
        {"the object is gone", map, "absent", at_map, cluster(maps, refusal(404, "NotFound", "configmaps \"x\" not found"))},
        {"its namespace is gone", map, "absent", at_map,
         cluster(maps, refusal(404, "NotFound", "namespaces \"there\" not found"))},
        {"the object's path is not there, but its kind is", map, "code 4", at_map, cluster(maps, plain_404)},
        {"the cluster refuses", map, "code 6", at_map, cluster(maps, refusal(403, "Forbidden", "no"))},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        FakeApi api(row.handler);
        FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(api.kubectl(), "proxy"));
        const FakeAnswer answer = host.remove("Thing", "x", json::parse(row.object).as_object());
        INFO(answer.message);
        CHECK(outcome_of(answer) == row.outcome);
        const std::vector<std::string> requests = api.requests();
        const auto sent = std::ranges::find_if(requests, [](const std::string &line) { return line.starts_with("DELETE"); });
        CHECK((sent == requests.end() ? "" : *sent) == row.deletion);
    }
}

TEST_CASE("a kind that was removed since discovery counts as absent") {
    std::atomic<bool> there = true;
    FakeApi api([&there, with = cluster()](const FakeRequest &request) {
        return !there && request.target.starts_with("/apis/shop.example/") ? no_path : with(request);
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(api.kubectl(), "proxy"));
    const json::object widget = json::parse(object_of("shop.example/v2", "Widget")).as_object();
    CHECK(outcome_of(host.remove("Widget", "x", widget)) == "deleted");
    there = false;
    CHECK(outcome_of(host.remove("Widget", "x", widget)) == "absent");
}

TEST_CASE("over processes, a kind that kubectl does not match is looked for in what the cluster lists") {
    const char *script = R"~(
case "$* " in
delete*) if grep -q shop.example/v2; then echo widget.shop.example/x; exit; fi
         echo 'error: unable to recognize "STDIN": no matches for kind "Widget" in version "shop.example/v1"' >&2; exit 1 ;;
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/shop.example/v2 "*) cat "$HERE/list" 2>/dev/null || { cat "$HERE/says" >&2; exit 1; } ;;
*) echo 'Error from server (NotFound): the server could not find the requested resource' >&2; exit 1 ;;
esac)~";
    struct Row {
        const char *name;
        std::string groups, list, says, outcome;
    };
    const std::string groups_text = json::serialize(all_groups);
    const std::vector<Row> rows{
        {"another version has it", groups_text, json::serialize(list_of("shop.example/v2", "Widget", "widgets")), "", "deleted"},
        {"the group has other kinds", groups_text, json::serialize(list_of("shop.example/v2", "Gadget", "gadgets")), "",
         "absent"},
        {"the group never was", R"({"groups": [{"name": "apps", "versions": []}]})", "", "", "absent"},
        {"the group just went", groups_text, "", "Error from server (NotFound): the server could not find the requested resource",
         "absent"},
        {"the group's server is down", groups_text, "",
         "Error from server (ServiceUnavailable): the server is currently unable to handle the request", "code 7"},
        {"the group may not be listed", groups_text, "", "Error from server (Forbidden): no", "code 6"},
        {"what answers is no API server", "{}", "", "", "code 7"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Folder folder;
        folder.write("groups", row.groups);
        if (!row.list.empty()) folder.write("list", row.list);
        folder.write("says", row.says + "\n");
        FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(folder.script(script), "exec"));
        const FakeAnswer answer = host.remove("Widget", "x", json::parse(object_of("shop.example/v1", "Widget")).as_object());
        INFO(answer.message);
        CHECK(outcome_of(answer) == row.outcome);
    }
}

TEST_CASE("a dry run of a delete finds nothing to delete when the kind is gone") {
    const char *script = R"~(
case "$* " in
*apiservices*) echo 'Error from server (NotFound): apiservices.apiregistration.k8s.io "v2.shop.example" not found' >&2; exit 1 ;;
delete*) echo 'error: shop.example/v2, Kind=Widget doesn'"'"'t support dry-run' >&2; exit 1 ;;
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/shop.example/v2 "*) cat "$HERE/list" ;;
esac)~";
    FakeCall call;
    call.verb = RSF_DELETE;
    call.object = object_of("shop.example/v2", "Widget");
    for (const bool is_there : {false, true})
        for (const bool dry_run : {false, true}) {
            INFO(is_there << " " << dry_run);
            Folder folder;
            folder.write("groups", json::serialize(all_groups));
            folder.write("list", json::serialize(list_of("shop.example/v2", is_there ? "Widget" : "Gadget", "widgets")));
            FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(folder.script(script), "exec"));
            call.flags = dry_run ? std::uint32_t{RSF_CALL_DRY_RUN} : 0U;
            CHECK((outcome_of(host.perform(call)) == "absent") == (dry_run && !is_there));
        }
}

TEST_CASE("of many, the unknown kind alone is absent, and the others are deleted") {
    const char *script = R"~(
files=$(for word in "$@"; do case $word in --filename=*) echo "${word#--filename=}";; esac; done)
case "$* " in
delete*) [ "$(echo $files | wc -w)" = 2 ] || exit 0
         echo configmap/a
         echo "error: unable to recognize \"$(echo $files | cut -d' ' -f2)\": no matches for kind \"Widget\" in version \"v1\"" >&2
         exit 1 ;;
*"--raw=/apis "*) echo '{"groups": [{"name": "apps", "versions": []}]}' ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
esac)~";
    Folder folder;
    FakeHost host(driver_entry<kubectl::KubectlDriver>, deletes_target(folder.script(script), "exec"));
    std::vector<FakeCall> calls(2);
    for (FakeCall &call : calls) call.verb = RSF_DELETE;
    calls[0].object = object_of("v1", "ConfigMap");
    calls[1].object = object_of("shop.example/v1", "Widget");
    const std::vector<FakeAnswer> answers = host.batch(calls);
    INFO(answers[1].message);
    CHECK(outcome_of(answers[1]) == "absent");
    CHECK(answers[0].succeeded);
}
