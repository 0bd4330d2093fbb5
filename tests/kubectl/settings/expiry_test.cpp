// SPDX-License-Identifier: Apache-2.0
//
// When credentials end: of certificates, of tokens that are JWTs, and of those that a kubeconfig names.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"
#include "kubectl/settings/expiry.hpp"

#include "masking/base64.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace {

using rsf::kubectl::settings::certificate_expiry;
using rsf::kubectl::settings::Expiry;
using rsf::kubectl::settings::token_expiry;

// Of CN=deployer, without its key.
constexpr const char *deployer = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIBejCCASGgAwIBAgIUQY05m3B8cvDy+BQf98y9nv3o2P4wCgYIKoZIzj0EAwIw\n"
                                 "EzERMA8GA1UEAwwIZGVwbG95ZXIwHhcNMjYxMjAxMDAyMDQwWhcNMzYxMTI4MDAy\n"
                                 "MDQwWjATMREwDwYDVQQDDAhkZXBsb3llcjBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
                                 "A0IABM4WYGnB/MqbFCapiX52srGg4AAOsrmJ2v7TklqxkC3QJF7cdOdCIvN71WFX\n"
                                 "lpNr9YlAKCG15tNKJv+2i2A6CBqjUzBRMB0GA1UdDgQWBBRcUvfOhpZ58A8Pfgma\n"
                                 "jUBKq250XjAfBgNVHSMEGDAWgBRcUvfOhpZ58A8PfgmajUBKq250XjAPBgNVHRMB\n"
                                 "Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIEENsma2haKIDrsNbqzierzjEmcU\n"
                                 "3+/S67DPmBzemq+tAiAYXC5ujux4kZfKAll8yzizkRuc3MOlmH7uefnUneRrWg==\n"
                                 "-----END CERTIFICATE-----\n";
constexpr const char *end_of_deployer = "2036-11-28T00:20:40Z";
constexpr std::time_t deployer_seconds = 2111444440;

// As RFC 7519 has it, with a signature of nobody.
std::string jwt(const std::string &claims) {
    std::string part = masking::encode_base64(claims);
    for (char &c : part) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (part.ends_with('=')) part.pop_back();
    return "eyJhbGciOiJSUzI1NiJ9." + part + ".c2lnbmF0dXJl";
}

std::string kubeconfig_with(const std::string &user) {
    return "current-context: a\ncontexts: [{name: b, context: {cluster: c, user: other}}, {name: a, context: {cluster: c, user: "
           "u}}]\n"
           "clusters: [{name: c, cluster: {server: 'http://localhost:1'}}]\n"
           "users: [{name: other, user: {token: " +
           jwt(R"({"exp": 5})") + "}}, {name: u, user: " + user + "}]\n";
}

std::string soonest(const kubectl::settings::Settings &chosen, const std::vector<std::string> &files) {
    return Expiry(chosen, files).soonest();
}

} // namespace

TEST_CASE("a certificate ends at its notAfter, the first of several, and what is none has no end") {
    CHECK(certificate_expiry(deployer) == deployer_seconds);
    CHECK(certificate_expiry("a comment\n" + std::string(deployer) + "-----BEGIN CERTIFICATE-----\nnot\n") == deployer_seconds);
    const std::string cut(deployer, 200);
    for (const std::string &text :
         {std::string(), std::string("no PEM"), cut, cut + "\n-----END CERTIFICATE-----\n",
          std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), std::string(100'000, '-')}) {
        INFO(text.substr(0, 100));
        CHECK_FALSE(certificate_expiry(text));
    }
}

TEST_CASE("a token that is a JWT ends at its exp, whoever signed it, and any other has no end") {
    CHECK(token_expiry(jwt(R"({"exp": 1798675200})")) == 1798675200);
    CHECK(token_expiry(jwt(R"({"sub": "system:serviceaccount:a:b", "exp": 1798675200.9, "x": {"exp": 1}})")) == 1798675200);
    CHECK(token_expiry(jwt(R"({"exp": 1798675200, "name": "\u00ff\u00fe\u00fd???>>>"})")) == 1798675200);
    for (const std::string &token :
         {std::string(), std::string("abcdef.0123456789abcdef"), std::string("a.b"), std::string(".."), std::string("a.b.c.d"),
          jwt(""), jwt("[]"), jwt("{"), jwt("{}"), jwt(R"({"exp": "1798675200"})"), jwt(R"({"exp": -1})"), jwt(R"({"exp": 0})"),
          jwt(R"({"exp": 1e400})"), jwt(R"({"exp": 1e18})"), jwt(R"({"exp": null})"), jwt(std::string(1000, '[')),
          jwt(R"({"exp": 1798675200, "x": ")" + std::string(100'000, 'x') + "\"}")}) {
        INFO(token.substr(0, 100));
        CHECK_FALSE(token_expiry(token));
    }
}

TEST_CASE("the credential that ends first counts, of those that kubectl uses") {
    const Folder folder;
    const std::string certificate = folder.write("deployer.crt", deployer), early = jwt(R"({"exp": 1798675200})");
    folder.write("token", early + "\n");
    const std::string data = masking::encode_base64(deployer);
    struct Row {
        const char *name;
        std::string user; // of the kubeconfig
        const char *end;
    };
    const Row rows[] = {
        {"none", "{}", ""},
        {"no user at all", "null", ""},
        {"a program", "{exec: {command: login}}", ""},
        {"a token that tells nothing", "{token: abc}", ""},
        {"a JWT", "{token: " + early + "}", "2026-12-31T00:00:00Z"},
        {"a file with a token", "{tokenFile: token, token: abc}", "2026-12-31T00:00:00Z"},
        {"a file that is not there", "{tokenFile: nowhere}", ""},
        {"a certificate in it", "{client-certificate-data: " + data + "}", end_of_deployer},
        {"a certificate beside it", "{client-certificate: deployer.crt}", end_of_deployer},
        {"a certificate elsewhere", "{client-certificate: " + certificate + "}", end_of_deployer},
        {"a certificate that is none", "{client-certificate-data: '%%'}", ""},
        {"both", "{client-certificate-data: " + data + ", token: " + early + "}", "2026-12-31T00:00:00Z"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(soonest({}, {folder.write("config", kubeconfig_with(row.user))}) == row.end);
    }
    const std::string config = folder.write("config", kubeconfig_with("{token: " + early + "}"));
    kubectl::settings::Settings chosen;
    chosen.context = "b";
    CHECK(soonest(chosen, {config}) == "1970-01-01T00:00:05Z");
    chosen.context = "nowhere";
    CHECK(soonest(chosen, {config}).empty());
    CHECK(soonest({}, {folder.write("first", "{}"), "/nowhere", config}) == "2026-12-31T00:00:00Z"); // as KUBECONFIG has several
    CHECK(soonest({}, {folder.write("broken", "users: [")}).empty());
    CHECK(soonest({}, {}).empty());
    // A user of the settings replaces the kubeconfig's.
    chosen = {};
    chosen.token = "abc";
    CHECK(soonest(chosen, {config}).empty());
    chosen.token = jwt(R"({"exp": 5})");
    CHECK(soonest(chosen, {config}) == "1970-01-01T00:00:05Z");
    chosen.token.clear();
    chosen.client_certificate = certificate;
    CHECK(soonest(chosen, {config, certificate}) == end_of_deployer);
}

TEST_CASE("credentials that were renewed in a file end when the new ones do") {
    const Folder folder;
    folder.write("deployer.crt", "");
    const std::string config = folder.write("config", kubeconfig_with("{client-certificate: deployer.crt}"));
    const kubectl::settings::Settings none;
    const std::vector<std::string> files{config};
    const Expiry expiry(none, files);
    CHECK(expiry.soonest().empty());
    folder.write("new", deployer);
    std::filesystem::rename(folder.path() + "/new", folder.path() + "/deployer.crt");
    CHECK(expiry.soonest() == end_of_deployer);
    folder.write("new", kubeconfig_with("{token: " + jwt(R"({"exp": 1798675200})") + "}"));
    std::filesystem::rename(folder.path() + "/new", config);
    CHECK(expiry.soonest() == "2026-12-31T00:00:00Z");
}

TEST_CASE("the driver's health tells when its credentials expire, also over processes, and says no word of them") {
    const Folder folder;
    const std::string token = jwt(R"({"exp": 1798675200, "aud": "never-to-be-told"})");
    const std::string program = folder.script("exit 0");
    for (const char *transport : {"proxy", "exec"}) {
        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      {{"kubectl", program}, {"transport", transport}, {"server", "http://localhost:1"}, {"token", token}});
        const json::value health = host.health().object;
        CHECK(health.at("credentials_expire") == "2026-12-31T00:00:00Z");
        CHECK_THAT(json::serialize(health), !ContainsSubstring("never-to-be-told") && !ContainsSubstring(token));
        FakeHost other(driver_entry<kubectl::KubectlDriver>,
                       {{"kubectl", program}, {"transport", transport}, {"server", "http://localhost:1"}, {"token", "abc"}});
        CHECK_FALSE(other.health().object.as_object().contains("credentials_expire"));
    }
}
