// SPDX-License-Identifier: Apache-2.0
#include "api/request/router.hpp"
#include "api/request/uri.hpp"
#include "http/problem.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace rsf::api;
using namespace rsf::http;
using Kind = Route::Kind;

TEST_CASE("a path is split before it is decoded, so that an encoded slash stays in its segment") {
    CHECK(split_path("/a%2Fb/c+d/%e2%82%ac").value() == std::vector<std::string>{"a/b", "c d", "\xe2\x82\xac"});
}

TEST_CASE("paths and queries that say nothing clear are refused with what is wrong") {
    struct Row {
        const char *name;
        const char *text;
        bool is_path;
        const char *says;
    };
    const Row rows[] = {
        {"an escape cut off", "/a%2", true, "broken percent escape"},
        {"an escape without digits", "/a%", true, "broken percent escape"},
        {"an escape that is not hexadecimal", "/a%zz", true, "broken percent escape"},
        {"an encoded NUL", "/a%00", true, "control characters"},
        {"an encoded line end", "/a%0d%0a", true, "control characters"},
        {"bad UTF-8", "/a%ff", true, "bad UTF-8"},
        {"UTF-8 that is too long", "/%c0%af", true, "bad UTF-8"},
        {"an empty segment", "/a//b", true, "empty segment"},
        {"a dot", "/a/./b", true, "send paths resolved"},
        {"two dots, encoded", "/a/%2e%2E/b", true, "send paths resolved"},
        {"a broken escape in a query", "a=%g1", false, "broken percent escape"},
        {"a broken escape in a name", "%=1", false, "broken percent escape"},
        {"no name", "=1", false, "without a name"},
        {"a name twice", "a=1&b=2&a=1", false, "given twice"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Problem problem = row.is_path ? split_path(row.text).error() : split_query(row.text).error();
        CHECK(problem.status == 400);
        CHECK_THAT(problem.detail, ContainsSubstring(row.says));
    }
}

TEST_CASE("a query is decoded name by name") {
    CHECK(split_query("a=1%262&b+c=d+e&&f&g==").value() == Query{{"a", "1&2"}, {"b c", "d e"}, {"f", ""}, {"g", "="}});
    CHECK(split_query("").value().empty());
    CHECK(split_query("x=1&a=2&x=1", "x").value() == Query{{"x", "1"}, {"a", "2"}, {"x", "1"}});
    CHECK(split_query("a=1&x=2&a=1", "x").error().status == 400);
}

TEST_CASE("each path leads to its route") {
    struct Row {
        const char *path;
        Kind kind;
        const char *target, *type, *name;
    };
    const Row rows[] = {
        {"/healthz", Kind::health, "", "", ""},
        {"/targets", Kind::targets, "", "", ""},
        {"/targets/prod", Kind::target, "prod", "", ""},
        {"/targets/prod/healthz", Kind::health, "prod", "", ""},
        {"/livez", Kind::live, "", "", ""},
        {"/readyz", Kind::ready, "", "", ""},
        {"/targets/prod/readyz", Kind::ready, "prod", "", ""},
        {"/configurations", Kind::configurations, "", "", ""},
        {"/configurations/cm", Kind::list, "", "cm", ""},
        {"/configurations/deployments.v1.apps/web", Kind::get, "", "deployments.v1.apps", "web"},
        {"/configurations/a%2Fb/--raw=x", Kind::get, "", "a/b", "--raw=x"},
        {"/targets/my+prod/configurations/cm/a", Kind::get, "my prod", "cm", "a"},
        {"/targets/targets/configurations", Kind::configurations, "targets", "", ""},
        {"/configurations/configurations", Kind::list, "", "configurations", ""},
    };
    for (const Row &row : rows) {
        INFO(row.path);
        const Route route = find_route(row.path).value();
        CHECK(route.kind == row.kind);
        CHECK(route.target == row.target);
        CHECK(route.type == row.type);
        CHECK(route.name == row.name);
    }
}

TEST_CASE("a path that leads nowhere is answered with the nearest one") {
    struct Row {
        const char *path;
        const char *says;
    };
    const Row rows[] = {
        {"/", "The routes are /configurations"}, {"/configuration", "did you mean 'configurations'?"},
        {"/Targets", "did you mean 'targets'?"}, {"/healthz/x", "nothing at /healthz/x"},
        {"/ready", "did you mean 'readyz'?"},    {"/live", "did you mean 'livez'?"},
        {"/targets/prod/livez", "nothing at"},   {"/targets/prod/target", "did you mean 'targets'?"},
        {"/targets/prod/targets", "nothing at"}, {"/configurations/a/b/c", "Encode a slash within them as %2F"},
        {"/index.php", "nothing at /index.php"},
    };
    for (const Row &row : rows) {
        INFO(row.path);
        const Problem problem = find_route(row.path).error();
        CHECK(problem.status == 404);
        CHECK_THAT(problem.detail, ContainsSubstring(row.says));
    }
}
