// SPDX-License-Identifier: Apache-2.0
#include "api/request/origin.hpp"
#include "http/problem.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf::api;

TEST_CASE("what a page of another origin sends changes nothing") {
    struct Row {
        const char *name;
        const char *method;
        Headers headers;
        bool is_refused;
    };
    const Header host{"Host", "localhost:8080"};
    const Row rows[] = {
        {"no browser", "POST", {host}, false},
        {"another site", "POST", {host, {"Sec-Fetch-Site", "cross-site"}}, true},
        {"another site, in capitals", "POST", {host, {"sec-fetch-site", "Cross-Site"}}, true},
        {"the same site on another port", "PUT", {host, {"Sec-Fetch-Site", "same-site"}}, true},
        {"a word that is not known", "DELETE", {host, {"Sec-Fetch-Site", "other"}}, true},
        {"the same origin", "POST", {host, {"Sec-Fetch-Site", "same-origin"}}, false},
        {"a person", "POST", {host, {"Sec-Fetch-Site", "none"}}, false},
        {"the same origin and another", "POST", {host, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}, true},
        {"its own Origin", "POST", {host, {"Origin", "http://localhost:8080"}}, false},
        {"its own Origin behind TLS", "POST", {{"Host", "d.example"}, {"Origin", "https://D.example"}}, false},
        {"its own Origin with the port that goes without saying",
         "PUT",
         {{"Host", "d.example:80"}, {"Origin", "http://d.example"}},
         false},
        {"the Origin of another port", "POST", {host, {"Origin", "http://localhost:3000"}}, true},
        {"the Origin of another name", "POST", {host, {"Origin", "http://127.0.0.1:8080"}}, true},
        {"the Origin of another site", "DELETE", {host, {"Origin", "https://evil.example"}}, true},
        {"an Origin that begins as its own", "POST", {host, {"Origin", "http://localhost:80801"}}, true},
        {"an Origin of another scheme", "POST", {host, {"Origin", "moz-extension://localhost:8080"}}, true},
        {"an opaque Origin", "POST", {host, {"Origin", "null"}}, true},
        {"an empty Origin", "POST", {host, {"Origin", ""}}, true},
        {"an Origin without a host, and no Host", "POST", {{"Origin", "http://"}}, true},
        {"a read", "GET", {host, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}}, false},
        {"a preflight", "OPTIONS", {host, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}}, false},
        {"a method that nobody knows", "PATCH", {host, {"Origin", "https://evil.example"}}, true},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const auto problem = refuse_foreign_page({row.method, "/configurations", row.headers, {}, "id"});
        CHECK(problem.has_value() == row.is_refused);
        if (problem) CHECK(problem->status == 403);
    }
}
