// SPDX-License-Identifier: Apache-2.0
#include "api/request/metered_route.hpp"

#include "api/request/router.hpp"
#include "http/problem.hpp"
#include "support/catch.hpp"

#include <random>
#include <string>

using namespace rsf::api;
using namespace rsf::http;
using namespace rsf::metrics;

TEST_CASE("a request is counted under its route, and under none where there is none") {
    struct Row {
        const char *target;
        MeteredRoute route;
    };
    const Row rows[] = {
        {"/healthz?verbose", MeteredRoute::health},
        {"/livez", MeteredRoute::live},
        {"/readyz", MeteredRoute::ready},
        {"/metrics", MeteredRoute::metrics},
        {"/openapi.json", MeteredRoute::openapi},
        {"/targets", MeteredRoute::targets},
        {"/targets/prod", MeteredRoute::target},
        {"/configurations", MeteredRoute::configurations},
        {"/configurations/", MeteredRoute::configurations},
        {"/configurations/cm", MeteredRoute::list},
        {"/targets/prod/configurations/cm/a?namespace=b", MeteredRoute::get},
        {"/%68ealthz", MeteredRoute::health},
        {"/", MeteredRoute::none},
        {"//healthz", MeteredRoute::none},
        {"/nope", MeteredRoute::none},
        {"*", MeteredRoute::none},
        {"", MeteredRoute::none},
    };
    for (const Row &row : rows) {
        INFO(row.target);
        CHECK(metered_route(row.target) == row.route);
    }
}

TEST_CASE("the kind of a route is found as the route is, whatever the path") {
    constexpr std::string_view words[] = {"/",
                                          "targets",
                                          "configurations",
                                          "healthz",
                                          "livez",
                                          "readyz",
                                          "metrics",
                                          "openapi.json",
                                          "a",
                                          "//",
                                          ".",
                                          "..",
                                          "%2F",
                                          "+",
                                          "%",
                                          "%6C",
                                          ""};
    std::mt19937 random(7); // NOLINT(cert-msc51-cpp): the same each time
    for (int i = 0; i < 20'000; ++i) {
        std::string path;
        for (auto segments = 1 + random() % 6; segments > 0; --segments)
            path.append("/").append(words[random() % std::size(words)]);
        INFO(path);
        const auto route = find_route(path);
        const auto kind = find_kind(path);
        REQUIRE(kind.has_value() == route.has_value());
        if (kind) REQUIRE(*kind == route->kind);
    }
}
