// SPDX-License-Identifier: Apache-2.0
//
// What a client writes, and what a server says of its types, never becomes a request of its own.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <resourcifier/kubernetes/names.hpp>

namespace {

struct Transport {
    explicit Transport(const std::string &name, FakeApi::Handler handler = {})
        : api(std::move(handler)),
          host(driver_entry<kubectl::KubectlDriver>,
               json::object{
                   {"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}, {"transport", name}}) {}
    FakeApi api;
    FakeHost host;
};

// An object as posted, with a part of it replaced by something hostile.
json::object widget(std::string_view pointer, const json::value &part) {
    json::value object{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "x"}, {"namespace", "there"}}}};
    object.at_pointer(pointer) = part;
    return object.as_object();
}

constexpr std::string_view splitting = "v1 HTTP/1.1\r\nHost: localhost\r\n\r\nDELETE /api/v1/namespaces/victim HTTP/1.1\r\nX: y";

} // namespace

TEST_CASE("a hostile word in an object is refused before anything is sent or run") {
    const std::vector<std::string_view> words{splitting,
                                              "v1%2Fnamespaces%2Fkube-system%2Fsecrets%2Fx",
                                              "v1%2Fnamespaces%2Fx%2Fpods%2Fx%2Fproxy%2Fadmin",
                                              "apps/v1/deployments?watch=1",
                                              "v1?x=1",
                                              "v1#",
                                              "..",
                                              "../v1",
                                              "a/b/c",
                                              "-v",
                                              "--raw=/x",
                                              "a\nb",
                                              "a\tb/c"};
    for (const std::string name : {"proxy", "exec"}) {
        Transport transport(name);
        for (const char *pointer : {"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"})
            for (const std::string_view word : words)
                for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_APPLY, RSF_DELETE})
                    for (const std::uint32_t flags : {0U, std::uint32_t{RSF_CALL_DRY_RUN}}) {
                        INFO(name << " " << pointer << " " << word << " " << verb);
                        const bool is_name = std::string_view(pointer) == "/metadata/name";
                        if (verb == RSF_DELETE && is_name && !kubernetes::fault_of_any_name(word)) continue; // see below
                        FakeCall call;
                        call.verb = verb;
                        call.flags = flags;
                        call.object = json::serialize(widget(pointer, json::string(word)));
                        const FakeAnswer answer = transport.host.perform(call);
                        if (verb == RSF_DELETE) { // no such object can be there
                            CHECK(answer.succeeded);
                            CHECK(answer.outcome == Outcome::unchanged);
                            continue;
                        }
                        CHECK(answer.code == Code::invalid);
                        CHECK(answer.retry == Retry::never);
                        CHECK_THAT(answer.message, EndsWith("."));
                    }
        CHECK(transport.api.requests().empty());
        CHECK(transport.api.folder.lines("calls").empty());
    }
}

TEST_CASE("a name that only the kind's own rule forbids is asked for on delete, as one segment of a path") {
    for (const auto &[word, segment] : {std::pair("v1?x=1", "v1%3Fx%3D1"), {"v1#", "v1%23"}, {"Ab_Cd", "Ab_Cd"}}) {
        INFO(word);
        Transport transport("proxy");
        FakeCall call;
        call.verb = RSF_DELETE;
        call.object = json::serialize(widget("/metadata/name", json::string(word)));
        transport.host.perform(call);
        bool is_asked = false;
        for (const std::string &request : transport.api.requests()) {
            CHECK_THAT(request, !ContainsSubstring("?x=1") && !ContainsSubstring("#"));
            is_asked |= request.find("/namespaces/there/configmaps/" + std::string(segment)) != std::string::npos;
        }
        CHECK(is_asked);
    }
}

TEST_CASE("a hostile word in the path or the query of a read is refused, or is a value and nothing else") {
    for (const std::string name : {"proxy", "exec"}) {
        Transport transport(name);
        for (const std::string_view view :
             {splitting, std::string_view("a/b"), std::string_view("a%2Fb"), std::string_view(".."), std::string_view("--raw=/x"),
              std::string_view("a\nb"), std::string_view("a?x=1\r\n")}) {
            const std::string word(view);
            INFO(name << " " << word);
            CHECK(transport.host.get(word, "x").code == Code::invalid);
            CHECK(transport.host.list(word).code == Code::invalid);
            CHECK(transport.host.get("cm", word).code == Code::invalid);
            FakeCall call;
            call.verb = RSF_LIST;
            call.type = "cm";
            call.ns = word;
            CHECK(transport.host.perform(call).code == Code::invalid);
        }
        FakeCall call;
        call.verb = RSF_LIST;
        call.type = "cm";
        call.label_selector = "a\r\nX: y";
        CHECK(transport.host.perform(call).code == Code::invalid);
        call.label_selector = {};
        call.field_selector = "a=b\r\n\r\nDELETE /x";
        CHECK(transport.host.perform(call).code == Code::invalid);
        for (const std::string &request : transport.api.requests())
            CHECK((request == "GET /api/v1" || request == "GET /apis" || request == "GET /apis/apps/v1" ||
                   request.ends_with("/exec")));
    }
}

TEST_CASE("what a server says of its groups and types is a part of no path unless it can be one") {
    const auto hostile = [](const FakeRequest &request) -> FakeReply {
        const auto version = [](std::string_view text) { return json::object{{"groupVersion", text}}; };
        if (request.target == "/apis")
            return ok({{"groups",
                        {{{"name", "evil"},
                          {"preferredVersion", version(splitting)},
                          {"versions",
                           {version("evil/v1?watch=1"), version("../../metrics"), version("evil/v1%2Fx"), version(""),
                            version("good/v1")}}}}}});
        if (request.target == "/apis/good/v1") {
            json::array resources;
            for (const std::string_view plural :
                 {splitting, std::string_view("gears?watch=1"), std::string_view("../gears"), std::string_view("gears%2Fx"),
                  std::string_view("GEARS"), std::string_view("gears")})
                resources.push_back({{"kind", plural == "gears" ? "Gear" : "Trap"},
                                     {"name", plural},
                                     {"namespaced", true},
                                     {"singularName", plural == "gears" ? "gear" : "trap"}});
            return ok({{"resources", resources}});
        }
        if (request.target == "/apis/good/v1/namespaces/there/gears/x")
            return ok({{"apiVersion", "good/v1"}, {"kind", "Gear"}, {"metadata", {{"name", "x"}, {"namespace", "there"}}}});
        return {0, {}};
    };
    Transport transport("proxy", hostile);
    const FakeAnswer answer = transport.host.get("gear", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    CHECK(transport.host.get("trap", "x").code == Code::not_found);
    CHECK(transport.host.create("Trap", "x", {{"apiVersion", "good/v1"}, {"kind", "Trap"}, {"metadata", {{"name", "x"}}}}).code ==
          Code::invalid);
    for (const std::string &request : transport.api.requests())
        CHECK((request == "GET /api/v1" || request == "GET /apis" || request == "GET /apis/good/v1" ||
               request == "GET /apis/good/v1/namespaces/there/gears/x" || request.ends_with("/exec")));
}

TEST_CASE("an object with keys that kubectl reads as others is refused before anything is sent or run") {
    const std::string binding = R"([{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding"}])";
    for (const std::string name : {"proxy", "exec"}) {
        Transport transport(name);
        for (const std::string &member :
             {R"("items": )" + binding, R"("Items": )" + binding, R"("item\u017f": )" + binding, std::string(R"("items": null)"),
              std::string(R"("Kind": "List")"), std::string(R"("\u212aind": "List")"), std::string(R"("apiversion": "v2")"),
              std::string(R"("Metadata": {"name": "y"})")}) {
            const std::string text = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, )" + member + "}";
            INFO(name << " " << text);
            const json::object object = json::parse(text).as_object();
            CHECK(transport.host.create("", "x", object).code == Code::invalid);
            CHECK(transport.host.apply("", "x", object).code == Code::invalid);
            if (name != "exec") continue;
            FakeCall call;
            call.verb = RSF_CREATE;
            call.object = text;
            for (const FakeAnswer &each : transport.host.batch({call, call})) CHECK(each.code == Code::invalid);
        }
        CHECK(transport.api.requests().empty());
        CHECK(transport.api.folder.lines("calls").empty());
    }
}
