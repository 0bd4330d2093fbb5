// SPDX-License-Identifier: Apache-2.0
#include "http/listen/hosts.hpp"
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
