// SPDX-License-Identifier: Apache-2.0
//
// The step of a plan, for each answer that the other target may give.
#include "fake_target.hpp"
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

constexpr std::string_view kept_by_api_server =
    R"("uid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "creationTimestamp": "2026-01-02T03:04:05Z", "resourceVersion": "7")";

// An object as an API server answers it.
json::object live(const std::string &api_version, const std::string &kind, const std::string &more,
                  const std::string &metadata = {}) {
    return parse_object(R"({"apiVersion": ")" + api_version + R"(", "kind": ")" + kind + R"(", "metadata": {"name": "x", )" +
                        std::string(kept_by_api_server) + metadata + "}, " + more + "}");
}

json::object posted(const std::string &api_version, const std::string &kind, const std::string &more) {
    return parse_object(R"({"apiVersion": ")" + api_version + R"(", "kind": ")" + kind + R"(", "metadata": {"name": "x"}, )" +
                        more + "}");
}

// Reads answer this object, or not_found; a dry run answers what was sent, with the fields that a cluster adds.
FakeTarget::Answer cluster_with(std::optional<json::object> held) {
    return [held](const FakeTarget::Asked &asked) -> json::object {
        if (!asked.dry_run && !held) throw Error(Code::not_found, "not there");
        if (!asked.dry_run || asked.verb == RSF_DELETE) return *held;
        json::object stored = asked.object;
        if (held) stored["metadata"] = held->at("metadata");
        return stored;
    };
}

Error no_dry_run() {
    return {Code::unsupported,
            "admission webhook \"w\" does not support dry run",
            Retry::never,
            {},
            json::object{{"dry_run", false}}};
}

std::string text_at(const json::object &step, std::string_view key) { return std::string(find_text(step, key)); }

std::string risks_of(const json::object &step) { return json::serialize(step.at("risks")); }

} // namespace

TEST_CASE("a quantity that is written otherwise is an update, for which some workloads replace their pods") {
    const auto memory = [](const char *quantity, const char *image = "i:1") {
        return R"("spec": {"template": {"spec": {"containers": [{"name": "c", "image": ")" + std::string(image) +
               R"(", "resources": {"limits": {"memory": ")" + quantity + R"("}}}]}}})";
    };
    struct Row {
        const char *title, *kind, *before, *after, *image, *action;
        bool replaces_pods;
    };
    const Row rows[] = {
        {"a DaemonSet", "DaemonSet", "200Mi", "209715200", "i:1", "update", true},
        {"a StatefulSet", "StatefulSet", "200Mi", "209715200", "i:1", "update", true},
        {"beside another change", "StatefulSet", "200Mi", "209715200", "i:2", "update", false},
        {"a Deployment", "Deployment", "200Mi", "209715200", "i:1", "update", false},
        {"the same spelling", "DaemonSet", "200Mi", "200Mi", "i:1", "unchanged", false},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        FakeTarget target(cluster_with(live("apps/v1", row.kind, memory(row.before))));
        const json::object step = target.plan(RSF_REPLACE, {posted("apps/v1", row.kind, memory(row.after, row.image))}).front();
        CHECK(step.at("action") == row.action);
        CHECK(step.at("basis") == "server");
        const bool is_noted = json::serialize(step.at("changes")).find("the same quantity") != std::string::npos;
        CHECK(is_noted == (row.action == std::string("update")));
        CHECK((risks_of(step).find("Its pods are replaced for this") != std::string::npos) == row.replaces_pods);
        if (is_noted) CHECK_THAT(json::serialize(step.at("after")), ContainsSubstring("209715200"));
    }
}

TEST_CASE("over a driver that is not for Kubernetes every field counts") {
    struct Row {
        const char *title, *before, *after, *path;
    };
    const Row rows[] = {
        {"status, a word", R"({"status": "enabled"})", R"({"status": "disabled"})", "status"},
        {"status, a mapping", R"({"status": {"on": true}})", R"({"status": {"on": false}})", "status.on"},
        {"status goes", R"({"status": {"on": true}, "a": 1})", R"({"a": 1})", "status"},
        {"metadata", R"({"metadata": {"uid": "1", "generation": 1}})", R"({"metadata": {"uid": "2", "generation": 2}})",
         "metadata.generation metadata.uid"},
        {"in Kubernetes' shape",
         R"({"apiVersion": "s/v1", "kind": "Switch", "metadata": {"name": "x", "generation": 1}, "status": {"on": true}})",
         R"({"apiVersion": "s/v1", "kind": "Switch", "metadata": {"name": "x", "generation": 2}, "status": {"on": false}})",
         "metadata.generation status.on"},
        {"a kind of its own", R"({"kind": "switch", "status": "enabled"})", R"({"kind": "switch", "status": "disabled"})",
         "status"},
        {"a kind that Kubernetes has", R"({"kind": "Service", "metadata": "none", "status": 1})",
         R"({"kind": "Service", "metadata": "none", "status": 2})", "status"},
        {"a name that Kubernetes refuses", R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "A_b"}, "status": 1})",
         R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "A_b"}, "status": 2})", "status"},
        {"nothing instead of null", R"({"a": null, "b": 1})", R"({"b": 1})", "a"},
        {"annotations", R"({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}})",
         R"({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "2"}}})",
         "metadata.annotations['deployment.kubernetes.io/revision']"},
        {"a template's time", R"({"template": {"metadata": {"creationTimestamp": null}}})", R"({"template": {"metadata": {}}})",
         "template.metadata.creationTimestamp"},
        {"a service's ports", R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"clusterIP": "1"}})",
         R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {}})", "spec.clusterIP"},
    };
    for (const bool has_dry_run : {true, false})
        for (const Row &row : rows) {
            INFO(row.title << (has_dry_run ? ", with" : ", without") << " a dry run");
            const json::object held = parse_object(row.before);
            const auto answer = [&](const FakeTarget::Asked &asked) { return asked.dry_run ? asked.object : held; };
            FakeTarget target(answer, "switches", has_dry_run);
            const std::vector<json::object> steps = target.plan(RSF_REPLACE, {parse_object(row.after)});
            CHECK(steps.front().at("action") == "update");
            std::string paths;
            for (const json::value &change : steps.front().at("changes").as_array())
                paths += (paths.empty() ? "" : " ") + std::string(change.at("path").as_string());
            CHECK(paths == row.path);
            CHECK(target.plan(RSF_REPLACE, {held}).front().at("action") == "unchanged");
        }
}

TEST_CASE("over a driver for another cluster a create is shown whole, and sent as it was posted") {
    const json::object object = parse_object(R"({"status": "enabled", "metadata": {"uid": "1"}})");
    FakeTarget target(cluster_with(std::nullopt), "switches");
    const json::object step = target.plan(RSF_CREATE, {object}).front();
    CHECK(step.at("action") == "create");
    CHECK(step.at("after") == object);
    CHECK(target.calls.back().object == object);
}

TEST_CASE("objects of another driver that an API server has stored are shown without its bookkeeping") {
    const std::string data = R"("data": {"a": "b"})";
    FakeTarget target(
        [&](const FakeTarget::Asked &asked) {
            return live("v1", "ConfigMap", data, asked.dry_run ? R"(, "generation": 2)" : R"(, "generation": 1)");
        },
        "other-kubernetes");
    CHECK(target.plan(RSF_REPLACE, {posted("v1", "ConfigMap", data)}).front().at("action") == "unchanged");
}

TEST_CASE("a status is a change if the cluster's dry run shows it") {
    const auto status = [](const char *phase) { return R"("status": {"phase": ")" + std::string(phase) + R"("}, "spec": {})"; };
    FakeTarget keeps([&](const FakeTarget::Asked &) { return live("s.example/v1", "Switch", status("on")); });
    CHECK(keeps.plan(RSF_REPLACE, {posted("s.example/v1", "Switch", status("off"))}).front().at("action") == "unchanged");
    FakeTarget writes(cluster_with(live("s.example/v1", "Switch", status("on"))));
    const json::object step = writes.plan(RSF_REPLACE, {posted("s.example/v1", "Switch", status("off"))}).front();
    CHECK(step.at("action") == "update");
    CHECK(step.at("changes") == json::parse(R"([{"path": "status.phase", "before": "on", "after": "off"}])"));
    CHECK_THAT(json::serialize(step.at("after")), ContainsSubstring("off"));
}

TEST_CASE("where the cluster has no dry run of one write, the object is merged here, and the reason is given") {
    const std::string data = R"("data": {"a": "b"})", other = R"("data": {"a": "c"})";
    struct Row {
        const char *title;
        std::uint32_t verb;
        bool exists;
        std::string wanted;
        const char *action;
    };
    const Row rows[] = {
        {"create", RSF_CREATE, false, data, "create"},
        {"create what exists", RSF_CREATE, true, data, "failed"},
        {"replace", RSF_REPLACE, true, other, "update"},
        {"replace by the same", RSF_REPLACE, true, data, "unchanged"},
        {"replace what is absent", RSF_REPLACE, false, data, "failed"},
        {"apply", RSF_APPLY, true, other, "update"},
        {"apply what is absent", RSF_APPLY, false, data, "create"},
        {"delete", RSF_DELETE, true, data, "delete"},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        FakeTarget target([&](const FakeTarget::Asked &asked) -> json::object {
            if (asked.dry_run) throw no_dry_run();
            if (!row.exists) throw Error(Code::not_found, "not there");
            return live("v1", "ConfigMap", data);
        });
        const json::object step = target.plan(row.verb, {posted("v1", "ConfigMap", row.wanted)}).front();
        CHECK(step.at("action") == row.action);
        if (row.action == std::string("failed")) continue;
        CHECK(step.at("basis") == "client");
        CHECK_THAT(text_at(step, "reason"), ContainsSubstring("webhook \"w\" does not support dry run"));
        if (row.action == std::string("update")) CHECK(step.at("changes").as_array().size() == 1);
    }
    // A verb that the driver lacks fails.
    FakeTarget unable([](const FakeTarget::Asked &asked) -> json::object {
        if (asked.dry_run) throw Error(Code::unsupported, "the server does not allow this method");
        return live("v1", "ConfigMap", R"("data": {})");
    });
    CHECK(unable.plan(RSF_REPLACE, {posted("v1", "ConfigMap", data)}).front().at("action") == "failed");
}

TEST_CASE("what the cluster warns of in its dry run is in the step") {
    FakeTarget target(cluster_with(live("v1", "ConfigMap", R"("data": {"a": "1"})")));
    target.warns = R"(["It is old."])";
    const json::object wanted = posted("v1", "ConfigMap", R"("data": {"a": "2"})");
    CHECK(target.plan(RSF_REPLACE, {wanted})[0].at("warnings") == json::array{"It is old."});
    CHECK(target.plan(RSF_DELETE, {wanted})[0].at("warnings") == json::array{"It is old."});
    target.warns.clear();
    CHECK_FALSE(target.plan(RSF_REPLACE, {wanted})[0].contains("warnings"));
}

TEST_CASE("a write at a revision is planned by the cluster's dry run at it, or not at all") {
    const json::object wanted = posted("v1", "ConfigMap", R"("data": {"a": "2"})");
    const std::uint32_t verb = GENERATE(values<std::uint32_t>({RSF_REPLACE, RSF_APPLY, RSF_DELETE}));
    FakeTarget target(cluster_with(live("v1", "ConfigMap", R"("data": {"a": "1"})")));
    target.expects = "7";
    CHECK(text_at(target.plan(verb, {wanted})[0], "action") == (verb == RSF_DELETE ? "delete" : "update"));
    for (const FakeTarget::Asked &asked : target.calls) CHECK(asked.expected_revision == (asked.dry_run ? "7" : ""));
    FakeTarget without(cluster_with(live("v1", "ConfigMap", R"("data": {"a": "1"})")), "kubectl", false);
    without.expects = "7";
    const json::object step = without.plan(verb, {wanted})[0];
    CHECK(text_at(step, "action") == "failed");
    CHECK_THAT(json::serialize(step.at("errors")),
               ContainsSubstring("Whether the object is still at the expected revision can't be planned."));
}

TEST_CASE("objects of a kind that the same configuration changes are deferred, and never unchanged") {
    const auto definition = [](const char *fields) {
        return R"("spec": {"group": "shop.example", "names": {"kind": "Gadget", "plural": "gadgets"}, "versions": [)" +
               std::string(fields) + "]}";
    };
    static constexpr const char *kept = R"("spec": {"size": 3})", *gained = R"("spec": {"size": 3, "colour": "red"})";
    struct Row {
        const char *title;
        std::string before, after;
        bool exists;
        std::uint32_t verb;
        const char *action, *basis;
        const char *spec = gained;
    };
    const Row rows[] = {
        {"gains a field", definition("1"), definition("2"), true, RSF_REPLACE, "update", "deferred"},
        {"by apply", definition("1"), definition("2"), true, RSF_APPLY, "update", "deferred"},
        {"a new object", definition("1"), definition("2"), false, RSF_APPLY, "create", "deferred"},
        {"the new definition has one field less", definition("2"), definition("1"), true, RSF_REPLACE, "update", "deferred",
         kept},
        {"an object that is not there", definition("1"), definition("2"), false, RSF_REPLACE, "failed", "server"},
        {"another label alone", definition("1"), definition("1") + R"(, "x": 1)", true, RSF_REPLACE, "unchanged", "server"},
        {"nothing changes", definition("1"), definition("1"), true, RSF_REPLACE, "unchanged", "server"},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        FakeTarget target([&](const FakeTarget::Asked &asked) -> json::object {
            const bool is_gadget = asked.type == "Gadget.v1.shop.example" || find_text(asked.object, "kind") == "Gadget";
            if (!is_gadget)
                return asked.dry_run ? live("apiextensions.k8s.io/v1", "CustomResourceDefinition", row.after)
                                     : live("apiextensions.k8s.io/v1", "CustomResourceDefinition", row.before);
            if (!row.exists) throw Error(Code::not_found, "not there");
            return live("shop.example/v1", "Gadget", R"("spec": {"size": 3})"); // the new field is dropped in silence
        });
        const std::vector<json::object> steps =
            target.plan(row.verb, {posted("apiextensions.k8s.io/v1", "CustomResourceDefinition", row.after),
                                   posted("shop.example/v1", "Gadget", row.spec)});
        CHECK(steps[1].at("action") == row.action);
        CHECK(steps[1].at("basis") == row.basis);
        if (row.basis != std::string("deferred")) continue;
        CHECK(text_at(steps[1], "reason") == "Its kind Gadget is changed first, by \"r0\" of this configuration.");
        if (row.exists && row.spec == gained)
            CHECK_THAT(json::serialize(steps[1].at("changes")), ContainsSubstring("spec.colour"));
    }
}

TEST_CASE("an object that names no namespace is shown in the one that the target gives it") {
    const char *data = R"("data": {"a": "b"})", *given = R"(, "namespace": "team-a")";
    const json::object held = live("v1", "ConfigMap", R"("data": {"a": "c"})", given);
    for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY, RSF_DELETE}) {
        FakeTarget target(cluster_with(held));
        CHECK(text_at(target.plan(verb, {posted("v1", "ConfigMap", data)}).front(), "identity.namespace") == "team-a");
    }
    FakeTarget nothing_yet([&](const FakeTarget::Asked &asked) -> json::object {
        if (!asked.dry_run) throw Error(Code::not_found, "not there");
        return live("v1", "ConfigMap", data, given);
    });
    CHECK(text_at(nothing_yet.plan(RSF_CREATE, {posted("v1", "ConfigMap", data)}).front(), "identity.namespace") == "team-a");
    FakeTarget cluster_wide(cluster_with(live("v1", "Namespace", R"("spec": {})")));
    CHECK(text_at(cluster_wide.plan(RSF_REPLACE, {posted("v1", "Namespace", R"("spec": {})")}).front(), "identity.namespace")
              .empty());
}

TEST_CASE("the step of an object that is being deleted has a notice of that, for each verb") {
    const json::object held = live("v1", "ConfigMap", R"("data": {"a": "b"})",
                                   R"(, "deletionTimestamp": "2026-01-02T03:04:06Z", "finalizers": ["example.com/slow"])");
    for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY, RSF_DELETE}) {
        for (const char *data : {R"("data": {"a": "b"})", R"("data": {"a": "c"})"}) {
            FakeTarget target(cluster_with(held));
            const json::object step = target.plan(verb, {posted("v1", "ConfigMap", data)}).front();
            CHECK_THAT(risks_of(step), ContainsSubstring("It is being deleted, since 2026-01-02T03:04:06Z") &&
                                           ContainsSubstring("held by its finalizers: example.com/slow"));
        }
    }
    FakeTarget target([&](const FakeTarget::Asked &asked) -> json::object {
        if (asked.dry_run) throw Error(Code::already_exists, "exists");
        return held;
    });
    const json::object step = target.plan(RSF_CREATE, {posted("v1", "ConfigMap", R"("data": {})")}).front();
    CHECK(step.at("action") == "failed");
    CHECK_THAT(json::serialize(step.at("errors")), ContainsSubstring("exists already") && ContainsSubstring("is being deleted"));
}

TEST_CASE("a quota, limit range, webhook or policy beside other objects is a risk") {
    const auto object = [](const char *api_version, const char *kind, const char *ns) {
        return parse_object(R"({"apiVersion": ")" + std::string(api_version) + R"(", "kind": ")" + kind +
                            R"(", "metadata": {"name": "x", "namespace": ")" + ns + R"("}})");
    };
    struct Row {
        const char *title;
        std::vector<json::object> objects;
        const char *said; // of the first; empty: nothing
    };
    const json::object map = object("v1", "ConfigMap", "shop"), elsewhere = object("v1", "ConfigMap", "other");
    const Row rows[] = {
        {"a quota", {object("v1", "ResourceQuota", "shop"), map}, "It limits the other objects"},
        {"a limit range", {object("v1", "LimitRange", "shop"), elsewhere, map}, "It limits the other objects"},
        {"a quota of another namespace", {object("v1", "ResourceQuota", "shop"), elsewhere}, ""},
        {"a quota whose namespace is not known", {object("v1", "ResourceQuota", ""), map}, "It limits the other objects"},
        {"a quota and what is in no namespace", {object("v1", "ResourceQuota", "shop"), object("v1", "Node", "")}, ""},
        {"a quota alone", {object("v1", "ResourceQuota", "shop")}, ""},
        {"a quota and a limit range", {object("v1", "ResourceQuota", "shop"), object("v1", "LimitRange", "shop")}, ""},
        {"a webhook",
         {object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", ""), map},
         "It takes part in the admission"},
        {"a policy", {object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", ""), map}, "It takes part in"},
        {"another group's quota", {object("example.com/v1", "ResourceQuota", "shop"), map}, ""},
        {"anything else", {map, elsewhere}, ""},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        FakeTarget target(cluster_with(std::nullopt));
        const std::vector<json::object> steps = target.plan(RSF_CREATE, row.objects);
        CHECK(steps[0].at("action") == "create");
        CHECK((steps[0].at("risks").as_array().empty()) == (row.said == std::string()));
        CHECK_THAT(risks_of(steps[0]), ContainsSubstring(row.said));
        for (std::size_t i = 1; i < steps.size(); ++i) CHECK(risks_of(steps[i]).find("It limits") == std::string::npos);
    }
    FakeTarget target(cluster_with(object("v1", "ResourceQuota", "shop")));
    const std::vector<json::object> again = target.plan(RSF_REPLACE, {object("v1", "ResourceQuota", "shop"), map});
    CHECK(again[0].at("action") == "unchanged");
    CHECK(again[0].at("risks") == json::array());
}

TEST_CASE("a value that a reference brings into a Secret is masked in earlier steps") {
    const json::object first = posted("v1", "ConfigMap", R"("data": {"a": "Sup3rValue77", "b": "shown-to-all"})");
    const json::object secret = posted(
        "v1", "Secret", R"~("stringData": {"p": "url://u:$(ref.r0.data.a)@h", "q": "$(ref.r0.data.c)", "r": "$(ref.r0"})~");
    FakeTarget target(cluster_with(std::nullopt));
    const json::object step = target.plan(RSF_CREATE, {first, secret}).front();
    INFO(step);
    CHECK_THAT(json::serialize(step.at("after")), ContainsSubstring("shown-to-all") && ContainsSubstring("(secret "));
    CHECK_THAT(json::serialize(step.at("after")), !ContainsSubstring("Sup3rValue77"));
}
