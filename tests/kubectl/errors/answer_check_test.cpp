// SPDX-License-Identifier: Apache-2.0
//
// An answer counts only if it is one to the question, over each transport and for each verb.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

namespace {

const std::string own_map =
    R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "there", "resourceVersion": "7", "uid": "u"}})";

struct Answered {
    const char *title;
    std::string answer;
    std::string says; // empty: it is one
};

const std::vector<Answered> answers_of_clusters{
    {"its own", own_map, ""},
    {"its own, converted", R"({"kind": "ConfigMap", "metadata": {"name": "x", "namespace": "there"}, "apiVersion": "v2"})", ""},
    {"nothing", "{}", "it has no kind"},
    {"no kind", R"({"apiVersion": "v1", "metadata": {"name": "x", "namespace": "there"}})", "it has no kind"},
    {"no name", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "there"}})", "it has no metadata.name"},
    {"no metadata", R"({"apiVersion": "v1", "kind": "ConfigMap"})", "it has no metadata.name"},
    {"a failure", R"({"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "no"})", "it is a Status, 'Failure'"},
    {"a status", R"({"apiVersion": "v1", "kind": "Status", "status": "Success"})", "it is a Status, 'Success'"},
    {"another kind", R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "there"}})",
     "its kind is 'Secret', not 'ConfigMap'"},
    {"another group", R"({"apiVersion": "example.org/v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "there"}})",
     "its apiVersion is 'example.org/v1', not 'v1'"},
    {"another name", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y", "namespace": "there"}})",
     "its metadata.name is 'y', not 'x'"},
    {"another namespace", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "here"}})",
     "its metadata.namespace is 'here', not 'there'"},
};

FakeCall call_of(std::uint32_t verb) {
    FakeCall call;
    call.verb = verb;
    call.type = "cm";
    call.name = "x";
    call.ns = "there";
    if (verb != RSF_GET && verb != RSF_LIST)
        call.object = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "there"}})";
    return call;
}

void expect(const Answered &row, const FakeAnswer &answer) {
    INFO(row.title << ": " << answer.message);
    CHECK(answer.succeeded == row.says.empty());
    if (row.says.empty() || answer.succeeded) return;
    CHECK(answer.code == Code::internal);
    CHECK_THAT(answer.message, ContainsSubstring(row.says));
}

} // namespace

TEST_CASE("over a proxy, an answer that is not the object that was asked for fails the call") {
    Answered row;
    FakeApi api([&](const FakeRequest &request) -> FakeReply {
        if (request.target.find("/configmaps") == std::string::npos) return {0, {}};
        const bool is_read_first = request.method == "GET" && row.title != std::string_view("get");
        return {request.method == "POST" ? 201U : 200U, is_read_first ? own_map : row.answer};
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  json::object{{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
    for (const Answered &each : answers_of_clusters) {
        for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_APPLY}) {
            row = each;
            const FakeAnswer answer = host.perform(call_of(verb));
            expect(each, answer);
            if (!each.says.empty()) CHECK_THAT(answer.message, EndsWith("The change may have happened."));
        }
        row = {"get", each.answer, {}};
        expect(each, host.perform(call_of(RSF_GET)));
    }
}

TEST_CASE("over a proxy, the live object is checked before it is replaced") {
    Answered row;
    FakeApi api([&](const FakeRequest &request) -> FakeReply {
        if (request.target.find("/configmaps/") == std::string::npos) return {0, {}};
        return {200, request.method == "GET" ? row.answer : own_map};
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  json::object{{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
    for (const Answered &each : answers_of_clusters) {
        row = each;
        expect(each, host.perform(call_of(RSF_REPLACE)));
    }
}

TEST_CASE("a deletion is answered with a success or with the object") {
    Answered row;
    FakeApi api([&](const FakeRequest &request) -> FakeReply {
        if (request.target.find("/configmaps/") == std::string::npos) return {0, {}};
        if (request.method == "GET") return kubectl::refusal(404, "NotFound", "configmaps \"x\" not found");
        return {200, row.answer};
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  json::object{{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
    for (const Answered &each : answers_of_clusters)
        for (const std::uint32_t flags : {0U, std::uint32_t{RSF_CALL_DRY_RUN}}) {
            row = each;
            if (row.title == std::string_view("a status")) row.says.clear();
            FakeCall call = call_of(RSF_DELETE);
            call.flags = flags;
            expect(row, host.perform(call));
        }
}

TEST_CASE("a list holds objects of its kind and namespace alone") {
    const std::vector<Answered> lists{
        {"none", R"({"items": []})", ""},
        {"what leaves its kind to the list", R"({"items": [{"metadata": {"name": "x", "namespace": "there"}}]})", ""},
        {"its own", R"({"items": [)" + own_map + "]}", ""},
        {"not an object", R"({"items": [)" + own_map + ", 1]}", "an item of the list is not an object"},
        {"another kind", R"({"items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}]})",
         "its kind is 'Secret'"},
        {"another namespace", R"({"items": [{"metadata": {"name": "x", "namespace": "here"}}]})",
         "its metadata.namespace is 'here', not 'there'"},
    };
    for (const Answered &each : lists) {
        FakeApi api([&](const FakeRequest &request) -> FakeReply {
            if (request.target != "/api/v1/namespaces/there/configmaps") return {0, {}};
            return {200, each.answer};
        });
        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      json::object{{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}});
        expect(each, host.perform(call_of(RSF_LIST)));

        Folder folder;
        folder.write("answer", each.answer);
        FakeHost exec(driver_entry<kubectl::KubectlDriver>,
                      json::object{{"kubectl", folder.script("cat > /dev/null; cat $HERE/answer")},
                                   {"server", "http://localhost:1"},
                                   {"transport", "exec"}});
        expect(each, exec.perform(call_of(RSF_LIST)));
    }
}

TEST_CASE("over exec, an answer that is not the object that was asked for fails the call, alone and in a batch") {
    Folder folder;
    const std::string script = folder.script(R"(cat > /dev/null; cat "$HERE/answer")");
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  json::object{{"kubectl", script}, {"server", "http://localhost:1"}, {"transport", "exec"}});
    for (const Answered &row : answers_of_clusters) {
        folder.write("answer", row.answer);
        for (const std::uint32_t verb : {RSF_GET, RSF_CREATE, RSF_REPLACE, RSF_APPLY}) {
            INFO(verb);
            expect(row, host.perform(call_of(verb)));
        }
        const std::vector<FakeAnswer> both = host.batch({call_of(RSF_CREATE), call_of(RSF_CREATE)});
        INFO(row.title);
        CHECK(both.size() == 2);
        for (const FakeAnswer &answer : both) CHECK((row.says.empty() || !answer.succeeded));
    }
}
