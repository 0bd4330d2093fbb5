// SPDX-License-Identifier: Apache-2.0
//
// A new CustomResourceDefinition, until it is in force or can't be: over processes and over the proxy.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <atomic>

namespace {

json::object new_definition(const char *conditions = nullptr) {
    json::object object = json::parse(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"}})")
                              .as_object();
    if (conditions) object["status"] = {{"conditions", json::parse("[" + std::string(conditions) + "]")}};
    return object;
}

json::object definition_target(const std::string &kubectl, const char *transport) {
    return {{"kubectl", kubectl}, {"server", "http://localhost:1"}, {"transport", transport}};
}

constexpr const char *established = R"({"type": "Established", "status": "True"})",
                     *not_established =
                         R"({"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "False"})",
                     *names_taken = R"({"type": "NamesAccepted", "status": "False", "reason": "ListKindConflict",
                                  "message": "\"FooList\" is already in use"}, {"type": "Established", "status": "False"})";

// Creates a definition, and does what the test says when it is asked for it.
struct DefiningKubectl {
    explicit DefiningKubectl(const std::string &looks)
        : host(driver_entry<kubectl::KubectlDriver>, definition_target(script(looks), "exec")) {}

    std::string script(const std::string &looks) const {
        return folder.script("echo \"$*\" >> \"$HERE/calls\"; case \"$1\" in create) echo '" + json::serialize(new_definition()) +
                             "' ;; get) " + looks + " ;; esac");
    }

    Folder folder;
    FakeHost host;
};

// What it says at the first look, and at those that follow.
std::string definition_looks(const char *first, const char *later) {
    return "[ -e \"$HERE/looked\" ] && echo '" + json::serialize(new_definition(later)) + "' || echo '" +
           json::serialize(new_definition(first)) + "'; : > \"$HERE/looked\"";
}

void check_taken(const FakeAnswer &answer) {
    INFO(answer.message);
    CHECK(answer.code == Code::conflict);
    CHECK(answer.retry == Retry::never);
    CHECK_THAT(answer.message,
               ContainsSubstring("The CustomResourceDefinition widgets.example.org was created, but is not in force: ") &&
                   ContainsSubstring("\"FooList\" is already in use (ListKindConflict)"));
}

} // namespace

TEST_CASE("over processes, a new definition is waited for until it is in force, or says that it can't be") {
    for (const char *first : {established, not_established, ""}) {
        DefiningKubectl fake(definition_looks(first, established));
        const FakeAnswer answer = fake.host.create("crd", "w", new_definition());
        INFO(answer.message);
        CHECK(answer.succeeded);
        CHECK(answer.selflink == "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org");
        CHECK(
            fake.folder.lines("calls").back().ends_with("-- customresourcedefinitions.apiextensions.k8s.io widgets.example.org"));
        CHECK(fake.folder.lines("calls").size() == (first == established ? 2 : 3));
    }
    {
        DefiningKubectl fake(definition_looks(not_established, names_taken));
        const FakeAnswer answer = fake.host.create("crd", "w", new_definition());
        check_taken(answer);
    }
    {
        DefiningKubectl fake("echo 'error: Client.Timeout exceeded' >&2; exit 1");
        const FakeAnswer answer = fake.host.create("crd", "w", new_definition());
        CHECK(answer.code == Code::timeout);
        CHECK(answer.message.starts_with(
            "The CustomResourceDefinition widgets.example.org was created, but is not in force yet: "));
    }
    {
        DefiningKubectl fake("echo 'Error from server (Forbidden): no' >&2; exit 1");
        CHECK(fake.host.create("crd", "w", new_definition()).succeeded);
        CHECK(fake.host.log().size() == 1);
    }
}

TEST_CASE("over the proxy, a definition whose names are taken is not waited for") {
    const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    for (const std::uint32_t verb : {RSF_CREATE, RSF_APPLY}) {
        std::atomic<bool> is_made = false;
        std::atomic<int> looks = 0;
        FakeApi api([&](const FakeRequest &request) -> FakeReply {
            if (request.target == "/apis/apiextensions.k8s.io/v1")
                return ok(
                    {{"resources",
                      {{{"kind", "CustomResourceDefinition"}, {"name", "customresourcedefinitions"}, {"namespaced", false}}}}});
            if (!request.target.starts_with(definitions)) return {0, {}};
            if (request.method != "GET") {
                is_made = true;
                return ok(new_definition());
            }
            if (!is_made) return refusal(404, "NotFound", "customresourcedefinitions \"widgets.example.org\" not found");
            return ok(new_definition(++looks == 1 ? not_established : names_taken));
        });
        FakeHost host(driver_entry<kubectl::KubectlDriver>, definition_target(api.kubectl(), "proxy"));
        FakeCall call;
        call.verb = verb;
        call.object = json::serialize(new_definition());
        check_taken(host.perform(call));
    }
}
