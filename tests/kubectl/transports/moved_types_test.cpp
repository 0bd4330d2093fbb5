// SPDX-License-Identifier: Apache-2.0
//
// Objects whose apiVersion the cluster does not serve, or not any more: what a delete is planned by, and the delete itself, find
// the same object.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <atomic>

namespace {

json::value lists(const char *api_version, const char *kind, const char *plural, const char *verb = "get") {
    return {{"kind", "APIResourceList"},
            {"groupVersion", api_version},
            {"resources",
             {{{"kind", kind},
               {"name", plural},
               {"namespaced", true},
               {"singularName", ""},
               {"verbs", json::array{"create", verb}}}}}};
}

json::object named_group(const char *name, std::initializer_list<std::string> versions) {
    json::array listed;
    for (const std::string &version : versions)
        listed.push_back(json::object{{"groupVersion", std::string(name) + "/" + version}});
    return {{"name", name}, {"versions", std::move(listed)}};
}

json::value groups_of(json::array groups) { return {{"kind", "APIGroupList"}, {"groups", std::move(groups)}}; }

json::object named_x(const char *api_version, const char *kind) {
    return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", "x"}, {"namespace", "there"}}}};
}

json::object settings_of(const std::string &kubectl, const char *transport) {
    return {{"kubectl", kubectl}, {"server", "http://localhost:1"}, {"namespace", "there"}, {"transport", transport}};
}

const FakeReply path_is_missing = refusal(404, "NotFound", "the server could not find the requested resource"),
                group_is_missing{404, "404 page not found\n"};
constexpr const char *kubectl_lacks_path =
    "echo 'Error from server (NotFound): the server could not find the requested resource' >&2; exit 1";

} // namespace

TEST_CASE("over the proxy, kind, version and group of an object find what a delete of it would") {
    struct Row {
        const char *word, *found;
    };
    const Row rows[] = {
        {"Deployment.v1beta1.extensions", "/apis/apps/v1/namespaces/there/deployments/x"},
        {"Deployment.v1beta2.apps", "/apis/apps/v1/namespaces/there/deployments/x"},
        {"NetworkPolicy.v1beta1.extensions", "/apis/networking.k8s.io/v1/namespaces/there/networkpolicies/x"},
        {"Widget.v1alpha1.shop.example", "/apis/shop.example/v1/namespaces/there/widgets/x"},
        {"deployments.v1beta1.extensions", ""}, // kubectl has no such type
        {"Deployment.extensions", ""},
        {"Gadget.v1.shop.example", ""},
        {"Widget.v1.another.example", ""},
    };
    FakeApi api([](const FakeRequest &request) -> FakeReply {
        const std::string &target = request.target;
        if (target == "/apis")
            return ok(groups_of(
                {named_group("apps", {"v1"}), named_group("networking.k8s.io", {"v1"}), named_group("shop.example", {"v1"})}));
        if (target == "/apis/networking.k8s.io/v1") return ok(lists("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"));
        if (target == "/apis/shop.example/v1") return ok(lists("shop.example/v1", "Widget", "widgets"));
        if (target.ends_with("/deployments/x")) return ok(named_x("apps/v1", "Deployment"));
        if (target.ends_with("/networkpolicies/x")) return ok(named_x("networking.k8s.io/v1", "NetworkPolicy"));
        if (target.ends_with("/widgets/x")) return ok(named_x("shop.example/v1", "Widget"));
        return {0, {}};
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(api.kubectl(), "proxy"));
    for (const Row &row : rows) {
        INFO(row.word);
        const FakeAnswer answer = host.get(row.word, "x");
        INFO(answer.message << answer.fault);
        CHECK(answer.selflink == row.found);
        CHECK((answer.code == Code::not_found) == (*row.found == '\0'));
    }
    const std::size_t asked = api.requests().size();
    CHECK(host.get("Widget.v1.another.example", "x").code == Code::not_found);
    CHECK(api.requests().size() == asked); // what is not there is looked up once in a while
}

TEST_CASE("over the proxy, a version that is not served any more is looked up again for a read") {
    for (const FakeReply &absence : {path_is_missing, group_is_missing}) {
        std::atomic<bool> is_old = true;
        FakeApi api([&](const FakeRequest &request) -> FakeReply {
            const std::string &target = request.target;
            if (target == "/apis") {
                if (is_old) return ok(groups_of({named_group("shop.example", {"v1", "v1alpha1"})}));
                return ok(groups_of({named_group("shop.example", {"v1"})}));
            }
            if (target.starts_with("/apis/shop.example/v1alpha1") && !is_old) return absence;
            for (const char *version : {"shop.example/v1", "shop.example/v1alpha1"}) {
                if (target == std::string("/apis/") + version) return ok(lists(version, "Widget", "widgets"));
                if (target.starts_with(std::string("/apis/") + version + "/namespaces/there/widgets/x"))
                    return ok(named_x(version, "Widget"));
            }
            return {0, {}};
        });
        FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(api.kubectl(), "proxy"));
        CHECK(host.get("Widget.v1alpha1.shop.example", "x").object.at("apiVersion") == "shop.example/v1alpha1");
        is_old = false;
        const FakeAnswer answer = host.get("Widget.v1alpha1.shop.example", "x");
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("apiVersion") == "shop.example/v1");
    }
}

TEST_CASE("over the proxy, the dry run of a delete finds what is in another version by now") {
    for (const FakeReply &absence : {path_is_missing, group_is_missing}) {
        std::atomic<bool> is_old = true;
        FakeApi api([&](const FakeRequest &request) -> FakeReply {
            const std::string &target = request.target;
            if (target == "/apis") return ok(groups_of({named_group("shop.example", {"v1"})}));
            if (target.starts_with("/apis/shop.example/v1alpha1") && !is_old) return absence;
            for (const char *version : {"shop.example/v1", "shop.example/v1alpha1"}) {
                if (target == std::string("/apis/") + version) return ok(lists(version, "Widget", "widgets"));
                if (request.method == "DELETE" && target.starts_with(std::string("/apis/") + version + "/"))
                    return ok(named_x(version, "Widget"));
            }
            return {0, {}};
        });
        FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(api.kubectl(), "proxy"));
        FakeCall call;
        call.verb = RSF_DELETE;
        call.flags = RSF_CALL_DRY_RUN;
        call.type = "Widget";
        call.name = "x";
        call.object =
            R"({"apiVersion": "shop.example/v1alpha1", "kind": "Widget", "metadata": {"name": "x", "namespace": "there"}})";
        for (const bool old : {true, false}) {
            is_old = old;
            const FakeAnswer answer = host.perform(call);
            INFO(answer.message);
            REQUIRE(answer.succeeded);
            CHECK(answer.outcome == Outcome::done);
        }
    }
}

TEST_CASE("over processes, kind, version and group of an object find what a delete of it would") {
    const std::string script = std::string(R"~(
case "$* " in
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/apps/v1 "*) cat "$HERE/apps" ;;
*"--raw=/apis/shop.example/v1 "*) cat "$HERE/shop" ;;
*"deployments.v1.apps x "*) cat "$HERE/deployment" ;;
*"widgets.v1.shop.example x "*) cat "$HERE/widget" ;;
*Widget.v1alpha1.shop.example*) )~") +
                               kubectl_lacks_path + R"~( ;;
*) echo 'error: the server doesn'"'"'t have a resource type "x"' >&2; exit 1 ;;
esac)~";
    Folder folder;
    folder.write("groups", json::serialize(groups_of({named_group("apps", {"v1"}), named_group("shop.example", {"v1"})})));
    folder.write("apps", json::serialize(lists("apps/v1", "Deployment", "deployments")));
    folder.write("shop", json::serialize(lists("shop.example/v1", "Widget", "widgets")));
    folder.write("deployment", json::serialize(named_x("apps/v1", "Deployment")));
    folder.write("widget", json::serialize(named_x("shop.example/v1", "Widget")));
    FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(folder.script(script), "exec"));
    for (const char *word : {"Deployment.v1beta1.extensions", "Widget.v1alpha1.shop.example"}) {
        INFO(word);
        const FakeAnswer answer = host.get(word, "x");
        INFO(answer.message);
        CHECK(answer.succeeded);
    }
    for (const char *word : {"deployments.v1beta1.extensions", "Gadget.v1.shop.example", "Deployment"}) {
        INFO(word);
        CHECK(host.get(word, "x").code == Code::not_found);
    }
}

TEST_CASE(
    "over processes, a version that kubectl remembers and the cluster does not serve any more hides nothing from a delete") {
    // It finds the path missing, and would take that for the object unless it is to say what it does not find.
    const std::string script = std::string(R"~(
case "$* " in
delete*--ignore-not-found=true*) exit 0 ;;
delete*) if grep -q shop.example/v1\"; then echo widget.shop.example/x; exit; fi
         )~") + kubectl_lacks_path +
                               R"~( ;;
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/shop.example/v1 "*) cat "$HERE/list" ;;
esac)~";
    Folder folder;
    folder.write("groups", json::serialize(groups_of({named_group("shop.example", {"v1"})})));
    folder.write("list", json::serialize(lists("shop.example/v1", "Widget", "widgets")));
    FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(folder.script(script), "exec"));
    const FakeAnswer answer = host.remove("Widget", "x", named_x("shop.example/v1alpha1", "Widget"));
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::done);
}

TEST_CASE("over processes, a kind whose objects are never stored is absent in a dry run as well") {
    const std::string script = std::string(R"~(
case "$* " in
*--dry-run=server*) echo 'error: authorization.k8s.io/v1, Kind=SelfSubjectAccessReview doesn'"'"'t support dry-run' >&2; exit 1 ;;
delete*) )~") + kubectl_lacks_path +
                               R"~( ;;
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/authorization.k8s.io/v1 "*) cat "$HERE/list" ;;
*) echo 'Error from server (NotFound): apiservices.apiregistration.k8s.io "x" not found' >&2; exit 1 ;;
esac)~";
    Folder folder;
    folder.write("groups", json::serialize(groups_of({named_group("authorization.k8s.io", {"v1"})})));
    FakeHost host(driver_entry<kubectl::KubectlDriver>, settings_of(folder.script(script), "exec"));
    FakeCall call;
    call.verb = RSF_DELETE;
    call.object = json::serialize(named_x("authorization.k8s.io/v1", "SelfSubjectAccessReview"));
    for (const bool is_stored : {false, true})
        for (const std::uint32_t flags : {0U, std::uint32_t{RSF_CALL_DRY_RUN}}) {
            INFO(is_stored << " " << flags);
            folder.write("list", json::serialize(lists("authorization.k8s.io/v1", "SelfSubjectAccessReview",
                                                       "selfsubjectaccessreviews", is_stored ? "get" : "create")));
            call.flags = flags;
            const FakeAnswer answer = host.perform(call);
            INFO(answer.message);
            CHECK(answer.succeeded == !is_stored);
        }
}

TEST_CASE("a replace, an apply and a read of a kind that is never stored say so") {
    const json::value types = lists("authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "create");
    FakeApi api([&](const FakeRequest &request) -> FakeReply {
        return request.target == "/apis/authorization.k8s.io/v1" ? ok(types) : FakeReply{0, {}};
    });
    Folder folder;
    folder.write("list", json::serialize(types));
    folder.write("groups", json::serialize(groups_of({named_group("authorization.k8s.io", {"v1"})})));
    const std::string script = std::string(R"~(
case "$* " in
*"--raw=/apis "*) cat "$HERE/groups" ;;
*"--raw=/api/v1 "*) echo '{"resources": [{"name": "pods", "kind": "Pod"}]}' ;;
*"--raw=/apis/authorization.k8s.io/v1 "*) cat "$HERE/list" ;;
*) )~") + kubectl_lacks_path + " ;; esac";
    FakeHost proxy(driver_entry<kubectl::KubectlDriver>, settings_of(api.kubectl(), "proxy")),
        exec(driver_entry<kubectl::KubectlDriver>, settings_of(folder.script(script), "exec"));
    const json::object review = named_x("authorization.k8s.io/v1", "SelfSubjectAccessReview");
    for (FakeHost *host : {&proxy, &exec}) {
        INFO((host == &proxy ? "proxy" : "exec"));
        const auto check = [](const FakeAnswer &answer, Code code) {
            CHECK(answer.code == code);
            CHECK_THAT(answer.message, ContainsSubstring("stores no objects of kind SelfSubjectAccessReview"));
        };
        check(host->replace("X", "x", review), Code::unsupported);
        check(host->apply("X", "x", review), Code::unsupported);
        check(host->get("SelfSubjectAccessReview.v1.authorization.k8s.io", "x"), Code::not_found);
    }
}
