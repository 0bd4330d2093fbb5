// SPDX-License-Identifier: Apache-2.0
//
// What an operation would change, resource by resource, for people to review: the document that a dry run answers with. Its form
// as JSON is public: docs/plan.schema.json. Pure values.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::render {

enum class Action { create, update, remove, unchanged, failed };

std::string_view to_string(Action action); // "create", "update", "delete", "unchanged", "failed"

// Where the prediction comes from: from the cluster's dry run; from the planning driver, by merging; or from neither yet, because
// it depends on what the same configuration makes first.
enum class Basis { server, client, deferred };

std::string_view to_string(Basis basis);

// Paths are for people: spec.template.spec.containers[name=web].image
struct FieldChange {
    std::string path;
    std::optional<boost::json::value> before; // none: the field is added
    std::optional<boost::json::value> after;  // none: the field is removed
    std::string note{};                       // a remark, or empty
};

struct Risk {
    std::string path;
    std::string message; // a sentence
};

struct PlannedResource {
    std::string name; // within the configuration
    std::string type;
    boost::json::object object; // its identity: apiVersion, kind, namespace, name; those that are known
    Action action = Action::unchanged;
    Basis basis = Basis::client;
    std::string reason; // why the basis is not the server, or empty
    std::vector<FieldChange> changes;
    std::string diff; // unified, of the object as YAML without what the cluster keeps for itself; empty: nothing changes
    std::vector<std::string> depends_on;  // names of resources that it refers to
    std::vector<std::string> left_behind; // on delete: names of resources that stay since this one can't be deleted
    std::vector<Risk> risks;
    std::vector<std::string> errors;              // sentences
    std::vector<boost::json::object> takes_along; // on delete: objects that are deleted with it without being named; as object
    std::vector<std::string> warnings{};          // sentences of the target's, to be read before it is done
};

struct PlanDocument {
    std::string target;
    std::string verb; // create, replace, apply, delete
    std::string driver_name;
    std::string driver_version;
    std::string time;                       // RFC 3339, UTC
    std::vector<PlannedResource> resources; // in the order posted
};

struct PlanSummary {
    std::size_t create = 0, update = 0, remove = 0, unchanged = 0, failed = 0;
    std::size_t deferred = 0; // of those above: how many the cluster could not be asked about yet

    std::size_t changes() const { return create + update + remove; }
};

PlanSummary summary_of(const PlanDocument &plan);

// The document as docs/plan.schema.json describes it.
boost::json::value to_value(const PlanDocument &plan);

} // namespace rsf::render
