// SPDX-License-Identifier: Apache-2.0
#include "http/hosts.hpp"
#include "http/origin.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf::http;

TEST_CASE("a loopback address answers only for hosts that mean this machine, or that are named") {
    struct Row {
        const char *name;
        const char *host;
        bool answered;
    };
    const Row rows[] = {
        {"localhost", "localhost", true},
        {"localhost with a port", "localhost:8080", true},
        {"localhost in capitals, fully written", "LocalHost.:80", true},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1 with a port", "127.0.0.1:1", true},
        {"another loopback address", "127.8.9.10", true},
        {"[::1]", "[::1]:8080", true},
        {"[::1] written out", "[0:0:0:0:0:0:0:1]", true},
        {"127.0.0.1 within IPv6", "[::ffff:127.0.0.1]", true},
        {"no Host, as HTTP/1.0 may", "", true},
        {"a name that is given", "deploy.example.org", true},
        {"a name that is given, in capitals with a port", "DEPLOY.example.ORG:443", true},
        {"an address that is given", "[fd00::1]:8080", true},
        {"an address that is given, written out", "[fd00:0::0001]", true},
        {"a name of an attacker", "evil.example", false},
        {"one that ends as a given one", "x.deploy.example.org", false},
        {"one that begins as a given one", "deploy.example.org.evil.example", false},
        {"one that begins as localhost", "localhost.evil.example", false},
        {"one below localhost", "x.localhost", false},
        {"one that begins as an address", "127.0.0.1.evil.example", false},
        {"0.0.0.0, which leads to this machine too", "0.0.0.0:8080", false},
        {"a short form of an address", "127.1", false},
        {"an address as one number", "2130706433", false},
        {"an address in the network", "192.0.2.1", false},
        {"[::]", "[::]", false},
        {"a dot", ".", false},
        {"two dots at the end", "localhost..", false},
        {"escapes", "%6cocalhost", false},
    };
    const AllowedHosts hosts({"deploy.example.org", "[fd00::1]"});
    for (const Row &row : rows) {
        INFO(row.name);
        const auto problem = hosts.refuse(row.host, Reach::loopback);
        CHECK(!problem == row.answered);
        if (problem) CHECK(problem->status == 421);
        CHECK_FALSE(hosts.refuse(row.host, Reach::unix_socket));
        CHECK(!hosts.refuse(row.host, Reach::network) == row.answered);
        CHECK_FALSE(AllowedHosts().refuse(row.host, Reach::network));
    }
    CHECK_THAT(hosts.refuse("evil.example", Reach::loopback)->detail, ContainsSubstring("'evil.example'") &&
                                                                          ContainsSubstring("deploy.example.org") &&
                                                                          ContainsSubstring("'hosts' in the settings"));
}

TEST_CASE("hosts can change") {
    AllowedHosts hosts;
    CHECK(hosts.refuse("a.example", Reach::loopback));
    hosts.replace({"a.example"});
    CHECK_FALSE(hosts.refuse("a.example", Reach::loopback));
    hosts.replace({});
    CHECK(hosts.refuse("a.example", Reach::loopback));
}

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
