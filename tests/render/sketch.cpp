// SPDX-License-Identifier: Apache-2.0
#include "sketch.hpp"

#include "render/diff_text.hpp"
#include "render/unified_diff.hpp"

#include <boost/json/value_from.hpp>

#include <string_view>
#include <utility>

namespace rsf::test {

using namespace rsf::render;

namespace {

std::string deployment(std::size_t number, int replicas, const std::string &image, bool port) {
    const std::string name = "app-" + std::to_string(number);
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: " + name +
           "\n    tier: backend\n  name: " + name + "\n  namespace: shop\nspec:\n  replicas: " + std::to_string(replicas) +
           "\n  selector:\n    matchLabels:\n      app: " + name +
           "\n  template:\n    metadata:\n      labels:\n        app: " + name +
           "\n    spec:\n      containers:\n      - image: registry.example.com/shop/" + name + ":" + image +
           "\n        name: web\n        resources:\n          limits:\n            memory: 256Mi\n" +
           (port ? "        ports:\n        - containerPort: 8080\n          name: http\n" : "");
}

std::string other(const std::string &kind, const std::string &name, const std::string &value) {
    return "apiVersion: v1\nkind: " + kind + "\nmetadata:\n  name: " + name +
           "\n  namespace: shop\ndata:\n  LOG_LEVEL: " + value + "\n  DATABASE: postgres\n";
}

template <class Before, class After> FieldChange changed(std::string path, const Before &before, const After &after) {
    return {std::move(path), boost::json::value_from(before), boost::json::value_from(after)};
}

Action action_at(std::size_t i) {
    constexpr Action actions[] = {Action::update,    Action::create,    Action::unchanged, Action::update, Action::unchanged,
                                  Action::unchanged, Action::unchanged, Action::create,    Action::remove, Action::unchanged};
    return i == 23 ? Action::failed : actions[i % 10];
}

PlannedResource sample_resource(std::size_t i) {
    static constexpr std::string_view kinds[] = {"Deployment", "Service", "ConfigMap", "Deployment", "Secret", "Ingress"};
    const std::string kind(kinds[i % 6]);
    const bool workload = kind == "Deployment";
    const std::string name =
        workload ? "app-" + std::to_string(i) : std::string(i % 6 == 1 ? "front-" : "shop-") + std::to_string(i);
    const Action action = action_at(i);
    std::string before = workload ? deployment(i, 2, "1.4.2", true) : other(kind, name, "info");
    std::string after = action == Action::unchanged ? before
                        : workload                  ? deployment(i, 3, "1.5.0", i % 4 != 0)
                                                    : other(kind, name, "debug");
    if (action == Action::create || action == Action::failed) before.clear();
    if (action == Action::remove || action == Action::failed) after.clear();
    PlannedResource resource = planned(kind, "shop", name, action, before, after);
    resource.basis = i % 7 == 1 && action == Action::create ? Basis::deferred : i % 5 == 3 ? Basis::client : Basis::server;
    if (resource.basis == Basis::deferred) resource.reason = "its namespace is created by the same configuration";
    if (resource.basis == Basis::client) resource.reason = "the driver offers no dry run";
    if (action == Action::update && workload) {
        const std::string image = "registry.example.com/shop/" + name;
        resource.changes = {changed("spec.replicas", 2, 3),
                            changed("spec.template.spec.containers[name=web].image", image + ":1.4.2", image + ":1.5.0")};
        if (i % 4 == 0)
            resource.changes.push_back({"spec.template.spec.containers[name=web].ports",
                                        boost::json::value{{{"containerPort", 8080}, {"name", "http"}}},
                                        {}});
    } else if (action == Action::update) {
        resource.changes = {changed("data.LOG_LEVEL", "info", "debug")};
    }
    if (action == Action::failed)
        resource.errors = {"admission webhook \"limits.example.com\" denied the request: no memory limit"};
    if (action == Action::remove) resource.risks = {{"", "Deleting it loses what it holds; nothing else has a copy."}};
    if (i % 10 == 1) resource.warnings = {"This version of the type is served until 2027 only."};
    if (i % 20 == 10)
        resource.risks = {{"spec.template.spec.containers[name=web].image", "The tag can be moved to another image."}};
    return resource;
}

} // namespace

PlannedResource planned(const std::string &kind, const std::string &space, const std::string &name, Action action,
                        const std::string &before, const std::string &after) {
    PlannedResource resource;
    resource.name = name;
    resource.type = kind;
    resource.object = {{"apiVersion", "v1"}, {"kind", kind}, {"name", name}};
    if (!space.empty()) resource.object["namespace"] = space;
    resource.action = action;
    resource.basis = Basis::server;
    const std::string file = file_name_of(resource);
    resource.diff =
        unified_diff(before, after, before.empty() ? "/dev/null" : "a/" + file, after.empty() ? "/dev/null" : "b/" + file);
    return resource;
}

PlanDocument sample_plan(std::size_t resources) {
    PlanDocument plan{"prod", "replace", "dryrun", "0.1.0", "2026-03-14T09:26:53Z", {}};
    for (std::size_t i = 0; i < resources; ++i) {
        plan.resources.push_back(sample_resource(i));
        PlannedResource &resource = plan.resources.back();
        if (i % 6 != 0 && i % 9 != 8) resource.depends_on.push_back(plan.resources[i - i % 6].name);
        if (i % 12 == 7) resource.depends_on.push_back(plan.resources[i - 5].name);
        if (i % 12 == 9) resource.depends_on.push_back(plan.resources[i - 1].name);
        if (resource.action == Action::failed) resource.left_behind = {plan.resources[i - 1].name};
        if (resource.action == Action::remove && i > 12)
            resource.takes_along.assign(i, {{"kind", "Secret"}, {"namespace", "shop"}, {"name", "keys-" + std::to_string(i)}});
    }
    return plan;
}

PlanDocument wide_plan() {
    PlanDocument plan{"prod", "create", "dryrun", "0.1.0", "2026-03-14T09:26:53Z", {}};
    const std::string word(40'000, 'x');
    std::string words;
    while (words.size() < 40'000) words += "lorem ipsum ";
    plan.resources = {
        planned("ConfigMap", "shop", std::string(253, 'n'), Action::update, "a: " + word + "\n", "a: " + word + "y\n"),
        planned("ConfigMap", std::string(63, 's'), "words", Action::update, "a: " + words + "\n", "a: x " + words + "\n")};
    plan.resources[0].changes = {changed("data." + std::string(300, 'p'), word, word + "y")};
    plan.resources[1].changes = {changed("data.a", words, "x " + words)};
    plan.resources[1].risks = {{std::string(300, 'p'), std::string(500, 'm')}};
    plan.resources[1].errors = {word};
    plan.resources[1].depends_on = {plan.resources[0].name};
    return plan;
}

PlanDocument hostile_plan() {
    PlanDocument plan{"prod`|<b>\n# x", "replace", "</title><script>alert(1)</script>", "0", "now", {}};
    const std::string evil[] = {
        "</script><img src=x onerror=alert(1)>",
        "a|b\\|c\n| d | e |\n\n# heading",
        "```\n````\n</details>\n<h1>@everyone closes #123 [x](javascript:alert(1))",
        "\"' onmouseover=alert(1) x='\" & &lt; \xff\xfe \x01 \xe2\x80\xae rtl",
        "]]><!-- --> ~~~ $(ref.x.y) `` ` \\` \\",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x",
    };
    for (const std::string &text : evil) {
        for (const Action action : {Action::update, Action::failed, Action::remove}) {
            PlannedResource resource =
                planned(text, text, text, action, "a: 1\n" + text + "\n", action == Action::update ? text + "\n" : "");
            resource.reason = text;
            resource.basis = Basis::client;
            resource.changes = {changed(text, text, boost::json::object{{text, text}})};
            resource.risks = {{text, text}};
            resource.errors = {text};
            resource.depends_on = {text, evil[0], "nobody"};
            resource.left_behind = {text};
            resource.takes_along = {{{"kind", text}, {"namespace", text}, {"name", text}}};
            plan.resources.push_back(resource);
        }
    }
    return plan;
}

} // namespace rsf::test
