// SPDX-License-Identifier: Apache-2.0
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

#include <dryrun/simulator/selector.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::simulator;
using namespace rsf::dryrun::storage;

TEST_CASE("label selectors in all of kubectl's grammar") {
    const Labels labels = {{"app", "web"}, {"tier", "front"}, {"rank", "7"}, {"empty", ""}, {"example.com/owner", "ada"}};
    struct Row {
        const char *text;
        bool matches;
    };
    const Row rows[] = {
        {"", true},
        {"   ", true},
        {"app=web", true},
        {"app==web", true},
        {"app = web", true},
        {"app=api", false},
        {"missing=web", false},
        {"app!=web", false},
        {"app!=api", true},
        {"missing!=web", true},
        {"app in (web,api)", true},
        {"app in (web)", true},
        {"app in ( api , db )", false},
        {"missing in (web)", false},
        {"app notin (api,db)", true},
        {"app notin (web)", false},
        {"missing notin (web)", true},
        {"app", true},
        {"missing", false},
        {"!app", false},
        {"! missing", true},
        {"empty=", true},
        {"app=", false},
        {"rank>6", true},
        {"rank>7", false},
        {"rank<8", true},
        {"app>1", false},
        {"missing<1", false},
        {"example.com/owner=ada", true},
        {"app=web,tier=front", true},
        {"app=web,tier=back", false},
        {"app in (web,api),!missing,tier!=back,rank", true},
        {"in=x", false},
        {"in notin (in)", true},
    };
    for (const Row &row : rows) {
        INFO(row.text);
        CHECK(LabelSelector(row.text).matches(labels) == row.matches);
    }
}

TEST_CASE("an invalid label selector is refused with the fault") {
    struct Row {
        const char *text, *message;
    };
    const Row rows[] = {
        {"app=web,", "expected a label's key"},
        {",", "expected a label's key"},
        {"=web", "expected a label's key"},
        {"app=web tier=front", "expected ',' or the end"},
        {"app web", "expected one of"},
        {"app in web", "expected '('"},
        {"app in (web", "expected ',' or ')'"},
        {"app in", "expected '('"},
        {"a b=c", "expected one of"},
        {"-app=web", "the key \"-app\" is invalid"},
        {"app=we b", "expected ',' or the end"},
        {"app=-web", "the value \"-web\" is invalid"},
        {"rank>x", "a whole number"},
        {"!", "expected a label's key"},
        {"a/b/c=d", "the key \"a/b/c\" is invalid"},
    };
    TestCluster cluster;
    for (const Row &row : rows) {
        INFO(row.text);
        const FakeAnswer answer = cluster.list("cm", row.text);
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, Catch::Matchers::StartsWith("unable to parse the label selector \""));
        CHECK_THAT(answer.message, ContainsSubstring(row.message));
    }
}

TEST_CASE("lists are narrowed by labels and fields") {
    TestCluster cluster;
    cluster.create(name_space("other"));
    for (const char *name : {"a", "b", "c"}) {
        json::object object = config_map(name);
        object["metadata"].as_object()["labels"] = json::object{{"app", name}, {"all", "yes"}};
        cluster.create(object);
    }
    cluster.create(config_map("a", "other"));
    json::object once = parsed(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "once"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i"}]}})");
    json::object always = parsed(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "always"},
        "spec": {"containers": [{"name": "m", "image": "i"}]}})");
    REQUIRE(cluster.create(once).succeeded);
    REQUIRE(cluster.create(always).succeeded);

    struct Row {
        const char *type, *labels, *fields, *names;
    };
    const Row rows[] = {
        {"cm", "all=yes", "", "a b c"},
        {"cm", "app in (a,c)", "", "a c"},
        {"cm", "", "metadata.name=a", "a a"},
        {"cm", "", "metadata.name==a,metadata.namespace=other", "a"},
        {"cm", "all", "metadata.name!=b", "a c"},
        {"cm", "", ",", "a b c a"},
        {"pods", "", "status.phase=Running", "always once"},
        {"pods", "", "status.phase!=Running", ""},
        {"pods", "", "spec.restartPolicy=Never", "once"},
        {"pods", "", "spec.restartPolicy=Always", "always"}, // the default
        {"ns", "kubernetes.io/metadata.name=other", "", "other"},
        {"ns", "", "status.phase=Active,metadata.name=other", "other"},
        {"cm", "", "metadata.name=a\\,b", ""},
    };
    for (const Row &row : rows) {
        INFO(row.type << " " << row.labels << " " << row.fields);
        CHECK(cluster.names(row.type, row.labels, row.fields) == row.names);
    }
}

TEST_CASE("a field that is not selectable is refused, and the error names the selectable ones") {
    TestCluster cluster;
    const FakeAnswer answer = cluster.list("cm", "", "data.a=1");
    CHECK(answer.code == Code::invalid);
    CHECK(answer.message == "field label not supported: data.a; configmaps can be selected by metadata.name, metadata.namespace");
    CHECK_THAT(cluster.list("secrets", "", "data=x").message, ContainsSubstring("metadata.namespace, type"));
    for (const char *bad : {"metadata.name", "metadata.name=a=b", "metadata.name=a\\", "metadata.name=\\a"}) {
        INFO(bad);
        CHECK_THAT(cluster.list("cm", "", bad).message, Catch::Matchers::StartsWith("unable to parse the field selector"));
    }
}
