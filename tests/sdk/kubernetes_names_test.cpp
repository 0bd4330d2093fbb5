// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/kubernetes/names.hpp>

#include "support/catch.hpp"

#include <string>
#include <vector>

namespace {

using namespace rsf::kubernetes;
using namespace std::string_literals;

// What no word may hold that becomes a part of a path.
const std::vector<std::string> hostile{"",
                                       " ",
                                       ".",
                                       "..",
                                       "a/b/c",
                                       "../x",
                                       "a%2fb",
                                       "a%",
                                       "a?x=1",
                                       "a#b",
                                       "a b",
                                       "a\tb",
                                       "a\r\nX: y",
                                       "a\nb",
                                       "a\0b"s,
                                       "a\x7f",
                                       "a\x80",
                                       "\xC3\xBC",
                                       "a\\b",
                                       "a;b",
                                       "a&b",
                                       "a=b",
                                       "a:b@c",
                                       "-a",
                                       "--raw=/x",
                                       "a-",
                                       "*",
                                       "$(ref.a.b)",
                                       std::string(300, 'a')};

struct Grammar {
    const char *title;
    const char *(*fault)(std::string_view);
    std::vector<std::string> good;
    std::vector<std::string> bad;
};

const std::vector<Grammar> grammars{
    {"group",
     fault_of_group,
     {"apps", "rbac.authorization.k8s.io", "3scale.net", "a"},
     {"Apps", ".apps", "apps.", "a..b", "a.-b"}},
    {"version", fault_of_version, {"v1", "v1beta1", "v2alpha1", "stable-1"}, {"V1", "1", "v1.2", "v1/x", "v1-"}},
    {"apiVersion",
     fault_of_api_version,
     {"v1", "apps/v1", "a.b.c/v1beta2"},
     {"/v1", "apps/", "apps/v1/", "apps/v1/x", "apps//v1", "apps/v1?watch=1", "v1 HTTP/1.1\r\nHost: x"}},
    {"kind", fault_of_kind, {"Pod", "ConfigMap", "NFSServer", "X1", "My-Kind"}, {"1Pod", "Pod.v1", "Pod_x", "Pod/x"}},
    {"plural", fault_of_plural, {"pods", "endpoints", "my-kinds"}, {"Pods", "pods/log", "pods.v1", "1pods"}},
    {"namespace", fault_of_namespace, {"default", "kube-system", "0"}, {"Default", "a.b", std::string(64, 'a')}},
};

} // namespace

TEST_CASE("each word that becomes a part of a path has a grammar, and what could end the part is outside of it") {
    for (const Grammar &grammar : grammars) {
        for (const std::string &word : grammar.good) {
            INFO(grammar.title << " " << word);
            CHECK(grammar.fault(word) == nullptr);
        }
        for (const std::vector<std::string> &words : {grammar.bad, hostile})
            for (const std::string &word : words) {
                INFO(grammar.title << " " << word);
                CHECK(grammar.fault(word) != nullptr);
            }
    }
}

TEST_CASE("a name of any kind is one segment of a path, and no flag") {
    for (const char *good : {"a", "system:controller:job", "A_b.c", "a b", "\xC3\xBC", "a@b", "..."})
        CHECK(fault_of_any_name(good) == nullptr);
    for (const std::string &bad :
         {""s, "."s, ".."s, "a/b"s, "a%2fb"s, "%"s, "-a"s, "a\nb"s, "a\r\n"s, "a\0b"s, "a\x7f"s, std::string(254, 'a')})
        CHECK(fault_of_any_name(bad) != nullptr);
}

TEST_CASE("a key folds as Go folds it") {
    CHECK(folded_key("Items") == "items");
    CHECK(folded_key("item\xC5\xBF") == "items");
    CHECK(folded_key("ITEM\xC5\xBFX") == "itemsx");
    CHECK(folded_key("\xE2\x84\xAAind") == "kind");
    CHECK(folded_key("apiVer\xC5\xBFion") == "apiversion");
    CHECK(folded_key("\xC4\xB0tems") == "\xC4\xB0tems"); // a dotted capital I is no i
    CHECK(folded_key("").empty());
    CHECK(folded_key("\xC5") == "\xC5");
}
