// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "kubectl/text/argument.hpp"

#include <resourcifier/driver.hpp>

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::text;
using namespace std::string_view_literals;

template <class Check> std::string word_refusal(Check check) {
    try {
        check();
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        return error.what();
    }
    return "taken";
}

} // namespace

TEST_CASE("a type is one word that kubectl can't take for anything else") {
    for (const std::string_view good :
         {"cm", "ConfigMap", "deployments.v1.apps", "pods.v1.", "widgets.my-group.example.org", "v1x"}) {
        INFO(good);
        CHECK(word_refusal([&] { check_type(good); }) == "taken");
    }
    const std::string longest(382, 'a');
    for (const std::string_view bad :
         {""sv,          "-"sv,    "-A"sv,   "--raw=/x"sv, "all"sv, "ALL"sv,  "cm,secrets"sv,
          "cm/x"sv,      "cm x"sv, "c\0m"sv, "cm\n"sv,     "."sv,   ".."sv,   "../x"sv,
          "https://x"sv, "c%6d"sv, "cm=x"sv, "*"sv,        "ü"sv,   "\xff"sv, std::string_view(longest)}) {
        INFO(bad);
        const std::string sentence = word_refusal([&] { check_type(bad); });
        CHECK(sentence.starts_with("The type "));
        CHECK(sentence.find('\0') == std::string::npos);
    }
    CHECK(word_refusal([&] { check_type("all"); }) == "The type \"all\" is several types at once: ask for each of them.");
}

TEST_CASE("a name is one object's") {
    for (const std::string_view good : {"x", "my-app.v1", "system:controller:job", "a_b", "0"}) {
        INFO(good);
        CHECK(word_refusal([&] { check_name(good); }) == "taken");
    }
    const std::string longest(254, 'a');
    for (const std::string_view bad : {""sv, "-x"sv, "--all"sv, "a,b"sv, "a b"sv, "a/b"sv, "cm/a"sv, "a\0b"sv, "a\nb"sv, "."sv,
                                       ".."sv, "%2e"sv, std::string_view(longest)}) {
        INFO(bad);
        CHECK(word_refusal([&] { check_name(bad); }).starts_with("The name "));
    }
}

TEST_CASE("a namespace is a DNS label") {
    CHECK(word_refusal([&] { check_namespace("kube-system"); }) == "taken");
    for (const std::string_view bad : {""sv, "-a"sv, "a-"sv, "A"sv, "a.b"sv, "a b"sv, "a\0"sv, "--all-namespaces"sv, "a/b"sv})
        CHECK(word_refusal([&] { check_namespace(bad); }).starts_with("The namespace "));
}

TEST_CASE("a selector may say anything but what ends a word") {
    CHECK(word_refusal([&] { check_selector("app in (a, b),!c,-x", "The label selector"); }) == "taken");
    CHECK(word_refusal([&] { check_selector("a\0b"sv, "The label selector"); }).starts_with("The label selector "));
    CHECK(word_refusal([&] { check_selector(std::string(9000, 'a'), "The field selector"); }).starts_with("The field selector "));
}

TEST_CASE("a word in a message is in quotes, escaped, and whole, so that a secret in it is found") {
    CHECK(in_quotes("a\"b\n"sv) == "\"a\\\"b\\n\"");
    CHECK(in_quotes(std::string(200, 'x')) == '"' + std::string(200, 'x') + '"');
}
