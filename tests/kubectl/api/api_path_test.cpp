// SPDX-License-Identifier: Apache-2.0
//
// Paths are made of parts that stay parts, and nothing leaves that a server could read as another request.
#include "support/catch.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/transports/proxy/request_gate.hpp"

#include <resourcifier/driver.hpp>

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::api;
using namespace rsf::kubectl::transports;
using namespace std::string_literals;

bool is_refused(const std::function<void()> &make) {
    try {
        make();
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        CHECK(error.retry == Retry::never);
        return true;
    }
    return false;
}

const std::vector<std::string> hostile{".",
                                       "..",
                                       "a/b/c",
                                       "../x",
                                       "a%2Fb",
                                       "a?x=1",
                                       "a#b",
                                       "a\r\nb",
                                       "a\nb",
                                       "a\0b"s,
                                       "a\x7f",
                                       "-a",
                                       "x HTTP/1.1\r\nHost: localhost\r\n\r\nDELETE /x",
                                       "a b/c",
                                       "v1/../x"};

} // namespace

TEST_CASE("a path is made of its parts, each encoded") {
    CHECK(group_path("v1") == "/api/v1");
    CHECK(group_path("apps/v1") == "/apis/apps/v1");
    CHECK(resource_path("v1", "configmaps", "n", "x") == "/api/v1/namespaces/n/configmaps/x");
    CHECK(resource_path("apps/v1", "deployments", "") == "/apis/apps/v1/deployments");
    CHECK(resource_path("a/v1", "roles", {}, "system:x y\xC3\xBC") == "/apis/a/v1/roles/system%3Ax%20y%C3%BC");
}

TEST_CASE("a word that can't be a part of a path is refused, from a client as from a server") {
    for (const std::string &word : hostile) {
        INFO(word);
        CHECK(is_refused([&] { group_path(word); }));
        CHECK(is_refused([&] { group_path("apps/" + word); }));
        CHECK(is_refused([&] { group_path(word + "/v1"); }));
        CHECK(is_refused([&] { resource_path("v1", word, "n", "x"); }));
        CHECK(is_refused([&] { resource_path("v1", "pods", word, "x"); }));
        if (word.find_first_of("?#") == word.npos) CHECK(is_refused([&] { resource_path("v1", "pods", "n", word); }));
    }
    CHECK(resource_path("v1", "pods", "n", "a?x=1#b") == "/api/v1/namespaces/n/pods/a%3Fx%3D1%23b");
}

TEST_CASE("an object's own link is taken only if it is a path of its name") {
    const auto linked = [](std::string_view link, std::string_view name = "x") {
        return api_path(
            {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", name}, {"namespace", "n"}, {"selfLink", link}}}});
    };
    const std::string computed = "/api/v1/namespaces/n/pods/x";
    CHECK(linked("/api/v1/namespaces/other/pods/x") == "/api/v1/namespaces/other/pods/x");
    for (const std::string &link :
         {"https://evil.example/x"s, "//evil.example/x"s, "/api/v1/pods/y"s, "/api/../secrets/x"s, "/api/v1/pods/x?watch=1"s,
          "/api/v1\r\nX: y/x"s, "/api/v1/pods%2Fx"s, "/metrics/x"s, "x"s, ""s, "/api//x"s, "/api/v1/x y/x"s}) {
        INFO(link);
        CHECK(linked(link) == computed);
    }
    for (const std::string &name : {".."s, "a/b"s, "a%2Fb"s, ""s, "a\r\nb"s}) {
        INFO(name);
        CHECK(linked("/api/v1/namespaces/n/pods/" + name, name).empty());
    }
}

TEST_CASE("an object without a valid identity has no path") {
    const auto path = [](std::string_view version, std::string_view ns) {
        return api_path({{"apiVersion", version}, {"kind", "Deployment"}, {"metadata", {{"name", "x"}, {"namespace", ns}}}});
    };
    CHECK(path("apps/v1", "n") == "/apis/apps/v1/namespaces/n/deployments/x");
    CHECK(path("apps/v1?watch=1", "n").empty());
    CHECK(path("apps/v1/../x", "n").empty());
    CHECK(path("apps/v1", "n/../m").empty());
    CHECK(path("apps/v1", "").empty());
    CHECK(api_path({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "x"}}}}) == "/api/v1/namespaces/x");
    CHECK(api_path({{"apiVersion", "example.org/v1"}, {"kind", "Widget"}, {"metadata", {{"name", "x"}}}}).empty());
}

TEST_CASE("a target that could be read as another is refused before it is sent") {
    for (const char *good : {"/api", "/api/v1/namespaces/n/pods/system%3Ax%20y",
                             "/apis/a/v1/x?labelSelector=a%2Fb%3D..%25&x=/../", "/version", "/openapi/v2"}) {
        INFO(good);
        CHECK(fault_of_target(good) == nullptr);
    }
    for (const std::string &bad : {""s,       "/"s,         "api"s,           "//"s,          "/api//v1"s,  "/api/"s,
                                   "/api/."s, "/api/../x"s, "/api/%2e%2e/x"s, "/api/.%2E/x"s, "/a%2Fb"s,    "/a%2fb"s,
                                   "/a%25b"s, "/a%0d%0ab"s, "/a%00"s,         "/a%7f"s,       "/a%zz"s,     "/a%2"s,
                                   "/a b"s,   "/a\tb"s,     "/a\r\nX: y"s,    "/a\nb"s,       "/a\0b"s,     "/a\x7f"s,
                                   "/a\x80"s, "/\xC3\xBC"s, "/a#b"s,          "/a?b c"s,      "/a?b\r\nc"s, "http://x/a"s,
                                   "*"s}) {
        INFO(bad);
        CHECK(fault_of_target(bad) != nullptr);
    }
}

TEST_CASE("a method and a content type are ones of ours") {
    const auto refused = [](HttpRequest request) { return is_refused([&] { check_request(request); }); };
    CHECK_FALSE(refused({"PATCH", "/a", "{}", "application/apply-patch+yaml"}));
    for (const std::string &method : {"HEAD"s, "get"s, ""s, "GET /x HTTP/1.1\r\nX: y\r\n\r\nDELETE"s}) {
        INFO(method);
        CHECK(refused({method, "/a", {}}));
    }
    for (const std::string &type : {"application/json\r\nX: y"s, "a b"s, "a\0b"s, "a\x80"s}) {
        INFO(type);
        CHECK(refused({"POST", "/a", "{}", type}));
    }
    CHECK(refused({"GET", "/a\r\n\r\nDELETE /b", {}}));
}
