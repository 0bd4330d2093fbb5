// SPDX-License-Identifier: Apache-2.0
#include "run/object_title.hpp"

#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <vector>

using namespace rsf::parse;
using namespace rsf::config;
using namespace rsf::run;
using namespace rsf::targets;

namespace {

Resource resource(const std::string &name, const std::string &type, const std::string &properties,
                  std::vector<std::string> errors, Status status = Status::failed) {
    return {name, type, boost::json::parse(properties).as_object(), State{status, std::move(errors), {}}, {}};
}

} // namespace

TEST_CASE("a sentence about a resource names its object once") {
    const std::string web = R"~({"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}})~";
    struct Row {
        std::string name, properties, sentence, named;
        Status status = Status::failed;
    };
    const std::vector<Row> rows{
        {"one that names nothing", web, "kubectl failed: x", "Deployment shop/web: kubectl failed: x"},
        {"the namespace of the request", R"~({"kind": "Deployment", "metadata": {"name": "web"}})~", "No.",
         "Deployment here/web: No."},
        {"no kind and no name", R"~({"metadata": {"namespace": "shop"}})~", "No.", "T shop/front: No."},
        {"a name that is a reference", R"~({"kind": "Deployment", "metadata": {"name": "$(ref.db.name)"}})~", "No.",
         "Deployment here/front: No."},
        {"metadata that is text", R"~({"kind": 7, "metadata": "x"})~", "No.", "T here/front: No."},
        {"one that has the title", web, "Deployment shop/web: No.", "Deployment shop/web: No."},
        {"the plural and the name", web, R"~(The cluster says: deployments.apps "web" not found)~",
         R"~(The cluster says: deployments.apps "web" not found)~"},
        {"the kind and the name", web, R"~(The cluster refuses it: The Deployment "web" is invalid: spec: no)~",
         R"~(The cluster refuses it: The Deployment "web" is invalid: spec: no)~"},
        {"the name as a name", web, R"~(The name "web" can't be.)~", R"~(The name "web" can't be.)~"},
        {"the name at the end", web, R"~(it exists: Deployment.apps "web")~", R"~(it exists: Deployment.apps "web")~"},
        {"another kind's name", web, R"~(namespaces "web" not found)~", R"~(Deployment shop/web: namespaces "web" not found)~"},
        {"another name", web, R"~(deployments.apps "db" not found)~",
         R"~(Deployment shop/web: deployments.apps "db" not found)~"},
        {"a name at the beginning", web, R"~("web" is bad)~", R"~(Deployment shop/web: "web" is bad)~"},
        {"an irregular plural", R"~({"kind": "NetworkPolicy", "metadata": {"name": "a"}})~",
         R"~(networkpolicies.networking.k8s.io "a" already exists)~",
         R"~(networkpolicies.networking.k8s.io "a" already exists)~"},
        {"what failed before it", web, R"~(aborted: it refers to 'db', which failed: deployments "web" is forbidden)~",
         R"~(Deployment shop/web: aborted: it refers to 'db', which failed: deployments "web" is forbidden)~", Status::aborted},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        std::vector<Resource> resources{resource("front", "T", row.properties, {row.sentence}, row.status)};
        name_objects(resources, "here");
        CHECK(resources[0].state->errors == std::vector<std::string>{row.named});
        name_objects(resources, "here");
        CHECK(resources[0].state->errors == std::vector<std::string>{row.named});
    }
}

TEST_CASE("every sentence names its object, and objects of one name in two namespaces are told apart") {
    const auto in = [](const std::string &ns) {
        return R"~({"kind": "Pod", "metadata": {"name": "a", "namespace": ")~" + ns + "\"}}";
    };
    std::vector<Resource> resources{resource("x", "Pod", in("one"), {"pods \"a\" already exists", "No."}),
                                    resource("y", "Pod", in("two"), {})};
    name_objects(resources, "");
    CHECK(resources[0].state->errors == std::vector<std::string>{"Pod one/a: pods \"a\" already exists", "Pod one/a: No."});
    CHECK(resources[1].state->errors.empty());
}

TEST_CASE("a title is printable and short") {
    const Resource hostile = resource("x\n\x1b[2J", std::string(1000, 'T'), "{}", {});
    const std::string title = object_title(hostile, "");
    CHECK(title.find_first_of("\n\x1b") == title.npos);
    CHECK(title.size() < 300);
}
