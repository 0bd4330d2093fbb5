// SPDX-License-Identifier: Apache-2.0
#include "render/diff_text.hpp"

#include "sketch.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

using namespace rsf::render;
using namespace rsf::test;

namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string &kind, const std::string &space, const std::string &name) {
    return file_name_of(planned(kind, space, name, Action::unchanged, "", ""));
}

} // namespace

TEST_CASE("an object's file is named for its namespace, kind and name") {
    CHECK(file_name("Deployment", "prod", "web") == "prod/deployment/web.yaml");
    CHECK(file_name("ClusterRole", "", "system:view") == "_cluster/clusterrole/system%3Aview.yaml");
}

TEST_CASE("no object's file leaves its folder, hides or gets too long a name") {
    CHECK(file_name("..", "..", "../../etc/passwd") == "%2E./%2e./%2E.%2F..%2Fetc%2Fpasswd.yaml");
    CHECK(file_name("K", "_cluster", "-rf") == "%5Fcluster/k/%2Drf.yaml");
    CHECK(file_name("K", "a b\n", "") == "a%20b%0A/k/_.yaml");
    const std::string one = file_name("K", "n", std::string(253, 'x')), other = file_name("K", "n", std::string(252, 'x'));
    CHECK(one.size() < 255);
    CHECK(one != other);
    PlannedResource bare;
    bare.type = "Service";
    bare.name = "web";
    CHECK(file_name_of(bare) == "_cluster/service/web.yaml");
}

TEST_CASE("a plan's diff makes the planned files of the live ones") {
    const std::string live = "kind: Deployment\nspec:\n  replicas: 2\n  image: a\n";
    PlanDocument plan{"prod", "replace", "dryrun", "0.1", "", {}};
    plan.resources = {
        planned("Deployment", "prod", "web", Action::update, live, "kind: Deployment\nspec:\n  replicas: 3\n  image: a\n"),
        planned("ConfigMap", "prod", "new", Action::create, "", "kind: ConfigMap\ndata:\n  text: |\n    --- a/x\n    +++ b/x\n"),
        planned("Role", "", "sys:x", Action::remove, "kind: Role\n", ""),
        planned("Service", "prod", "bad", Action::failed, "", ""),
        planned("Service", "prod", "same", Action::unchanged, "kind: Service\n", "kind: Service\n"),
    };
    plan.resources[3].errors = {"refused:\n--- a/prod/deployment/web.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-kind: Deployment"};
    plan.resources[0].risks = {{"spec.replicas", "more\nof it"}};
    plan.resources[0].changes = {{"spec.replicas", 2, 3, "the same\nquantity"}};
    const std::string text = diff_text(plan);
    CHECK_THAT(text,
               ContainsSubstring("# Plan to replace on prod: 1 FAILED, 1 to delete, 1 to update, 1 to create, 1 unchanged"));
    CHECK_THAT(text, ContainsSubstring("# refused:\\x0A--- a/prod"));
    CHECK_THAT(text, ContainsSubstring("# risk: spec.replicas: more\\x0Aof it\n"));
    CHECK_THAT(text, ContainsSubstring("# note: spec.replicas: the same\\x0Aquantity\n"));

    for (const std::string tool : {"patch -s -p1 -F0", "git apply -p1"}) {
        if (std::system((tool.substr(0, tool.find(' ')) + " --version >/dev/null 2>&1").c_str()) != 0) {
            WARN("there is no " << tool);
            continue;
        }
        const TempFolder folder;
        folder.write("prod/deployment/web.yaml", live);
        folder.write("_cluster/role/sys%3Ax.yaml", "kind: Role\n");
        folder.write("plan.diff", text);
        // Elsewhere than in a work tree, git apply takes paths from where it stands.
        const std::string command = "cd '" + folder.path().string() + "' && GIT_CEILING_DIRECTORIES='" +
                                    folder.path().parent_path().string() + "' " + tool;
        INFO(text);
        REQUIRE(std::system((command + " <plan.diff").c_str()) == 0);
        CHECK(folder.read("prod/deployment/web.yaml") == "kind: Deployment\nspec:\n  replicas: 3\n  image: a\n");
        CHECK(folder.read("prod/configmap/new.yaml") == "kind: ConfigMap\ndata:\n  text: |\n    --- a/x\n    +++ b/x\n");
        CHECK_FALSE(fs::exists(folder / "_cluster/role/sys%3Ax.yaml"));
    }
}

TEST_CASE("what objects are called and say makes no line of a diff's own") {
    const std::string text = diff_text(hostile_plan());
    std::istringstream lines(text);
    bool known = true;
    for (std::string line; std::getline(lines, line);)
        known = known && (line.starts_with("# ") || line.starts_with("diff --plan ") ||
                          std::string_view(" +-@\\").find(line[0]) != std::string::npos);
    CHECK(known);
}
