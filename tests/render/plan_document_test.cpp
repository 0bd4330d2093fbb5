// SPDX-License-Identifier: Apache-2.0
#include "render/plan_document.hpp"

#include "sketch.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>
#include <string>

using namespace rsf::render;
using namespace rsf::test;

namespace {

// As much of JSON Schema as plan.schema.json uses.
class Schema {
  public:
    explicit Schema(boost::json::value root) : root_(std::move(root)) {}

    std::string problem(const boost::json::value &value) const { return problem(value, root_, ""); }
    std::string undescribed() const { return undescribed(root_, "", true); }

  private:
    static bool is(const boost::json::value &value, std::string_view type) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        return type == "integer" && value.is_number() && value.to_number<double>() >= 0;
    }

    std::string problem(const boost::json::value &value, const boost::json::value &schema, const std::string &path) const {
        const boost::json::object &rules = schema.as_object();
        if (const auto *ref = rules.if_contains("$ref"))
            if (std::string p = problem(value, root_.at_pointer(ref->as_string().subview(1)), path); !p.empty()) return p;
        if (const auto *type = rules.if_contains("type"); type && !is(value, type->as_string())) return path + " is no such type";
        if (const auto *words = rules.if_contains("enum"))
            if (std::ranges::find(words->as_array(), value) == words->as_array().end()) return path + " is no such word";
        if (const auto *needed = rules.if_contains("required"))
            for (const boost::json::value &key : needed->as_array())
                if (!value.as_object().contains(key.as_string())) return path + " lacks " + std::string(key.as_string());
        if (const boost::json::object *object = value.if_object(); object && rules.contains("properties"))
            for (const auto &[key, part] : *object) {
                const boost::json::value *known = rules.at("properties").as_object().if_contains(key);
                if (!known && rules.contains("additionalProperties")) return path + " has " + std::string(key);
                if (!known) continue;
                if (std::string p = problem(part, *known, path + "/" + std::string(key)); !p.empty()) return p;
            }
        if (const boost::json::array *array = value.if_array(); array && rules.contains("items"))
            for (const boost::json::value &entry : *array)
                if (std::string p = problem(entry, rules.at("items"), path + "/-"); !p.empty()) return p;
        return {};
    }

    std::string undescribed(const boost::json::value &schema, const std::string &path, bool field) const {
        const boost::json::object &rules = schema.as_object();
        if (field && !rules.contains("description") && !rules.contains("$ref")) return path;
        for (const std::string_view group : {"properties", "$defs"})
            if (const auto *parts = rules.if_contains(group))
                for (const auto &[key, part] : parts->as_object())
                    if (std::string p = undescribed(part, path + "/" + std::string(key), true); !p.empty()) return p;
        return {};
    }

    boost::json::value root_;
};

Schema plan_schema() {
    std::ostringstream text;
    text << std::ifstream(TEST_SOURCE_DIR "/../docs/plan.schema.json").rdbuf();
    return Schema(boost::json::parse(text.str()));
}

} // namespace

TEST_CASE("plan documents are as the schema says, and it describes every field") {
    const Schema schema = plan_schema();
    CHECK(schema.undescribed() == "");
    for (const PlanDocument &plan : {sample_plan(0), sample_plan(1), sample_plan(40), wide_plan(), hostile_plan()})
        CHECK(schema.problem(to_value(plan)) == "");
}

TEST_CASE("the schema refuses what plan documents are not") {
    const Schema schema = plan_schema();
    boost::json::value plan = to_value(sample_plan(1));
    plan.at("resources").at(0).as_object()["acton"] = "create";
    CHECK(schema.problem(plan) == "/resources/- has acton");
    plan = to_value(sample_plan(1));
    plan.at("resources").at(0).at("action") = "destroy";
    CHECK(schema.problem(plan) == "/resources/-/action is no such word");
    plan.as_object().erase("summary");
    CHECK(schema.problem(plan) == " lacks summary");
}

TEST_CASE("a plan says all it knows, and leaves out what is not there") {
    PlanDocument plan{"prod", "replace", "dryrun", "0.1", "2026-01-02T03:04:05Z", {}};
    PlannedResource resource{"web", "Service", {{"kind", "Service"}}, Action::update, Basis::server, "", {}, "", {}, {}, {},
                             {},    {}};
    resource.changes = {{"spec.a", {}, boost::json::value(1)}, {"spec.b", boost::json::value(), {}}};
    plan.resources = {resource};
    CHECK(to_value(plan).at("resources").at(0) == boost::json::parse(R"({
        "name": "web", "type": "Service", "object": {"kind": "Service"}, "action": "update", "basis": "server",
        "changes": [{"path": "spec.a", "after": 1}, {"path": "spec.b", "before": null}],
        "diff": "", "depends_on": [], "risks": [], "errors": []})"));
    plan.resources[0].reason = "because";
    plan.resources[0].left_behind = {"db"};
    CHECK(to_value(plan).at("resources").at(0).at("reason") == "because");
    CHECK(to_value(plan).at("resources").at(0).at("left_behind") == boost::json::array{"db"});
    plan.resources[0].takes_along = {{{"kind", "Secret"}, {"name", "keys"}}};
    CHECK(to_value(plan).at("resources").at(0).at("takes_along") ==
          boost::json::parse(R"([{"kind": "Secret", "name": "keys"}])"));
    plan.resources[0].warnings = {"It is old."};
    CHECK(to_value(plan).at("resources").at(0).at("warnings") == boost::json::array{"It is old."});
    CHECK(to_value(plan).at("driver") == boost::json::object{{"name", "dryrun"}, {"version", "0.1"}});
}

TEST_CASE("the summary counts each action, and those nobody could be asked about") {
    PlanDocument plan;
    for (const Action action :
         {Action::create, Action::create, Action::update, Action::remove, Action::unchanged, Action::failed})
        plan.resources.emplace_back().action = action;
    plan.resources[0].basis = Basis::deferred;
    const PlanSummary summary = summary_of(plan);
    CHECK(summary.changes() == 4);
    CHECK(to_value(plan).at("summary") ==
          boost::json::parse(R"({"create": 2, "update": 1, "delete": 1, "unchanged": 1, "failed": 1, "deferred": 1})"));
}
