// SPDX-License-Identifier: Apache-2.0
#include "live_target.hpp"

#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/values.hpp"

#include <resourcifier/json_text.hpp>
#include <resourcifier/kubernetes/deletion.hpp>

#include <utility>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

// For other drivers, each object decides (has_shape).
bool is_for_kubernetes(const json::object &described) {
    const std::string_view driver = find_text(described, "driver");
    return driver == "kubectl" || driver == "dryrun";
}

bool has_shape(const json::object &object) {
    return !find_text(object, "apiVersion").empty() && !find_text(object, "kind").empty() && find_object(object, "metadata");
}

// "Deployment.v1.apps", "ConfigMap": the type that reads name it by.
std::string type_of(const kubernetes::Identity &identity) {
    const std::string group = group_of(identity.api_version);
    return group.empty() ? identity.kind : identity.kind + "." + version_of(identity.api_version) + "." + group;
}

// Objects of clusters that are not Kubernetes are identified by type and name only.
bool is_foreign(const json::object &object, std::string_view type) {
    return !object.contains("kind") && !object.contains("apiVersion") && !kubernetes::find_kind(type);
}

} // namespace

json::object parsed_object(std::string_view text) {
    json::value value = json_value(text);
    if (!value.is_object()) throw Error(Code::internal, "The target answered with something that is not an object.");
    return std::move(value.get_object());
}

LiveTarget::LiveTarget(const OtherTarget &over, const json::object &described)
    : over_(over), kubernetes_(is_for_kubernetes(described)) {}

// An object that can't be identified is an error over Kubernetes. Other drivers decide themselves what they accept, and then type
// and name identify it.
Subject LiveTarget::identify(json::object object, std::string_view type, std::string_view name, std::string_view ns) const {
    Subject subject;
    subject.object = std::move(object);
    if (kubernetes_ ? !is_foreign(subject.object, type) : has_shape(subject.object)) {
        json::object identified = subject.object;
        try {
            subject.identity = kubernetes::identify(identified, type, name, ns);
            subject.object = std::move(identified);
            subject.type = type_of(subject.identity);
            return subject;
        } catch (const Error &) {
            if (kubernetes_) throw;
        }
    }
    const std::string_view its_name = find_text(subject.object, "metadata.name");
    subject.identity = {{}, std::string(type), std::string(its_name.empty() ? name : its_name), std::string(ns)};
    subject.type = type;
    return subject;
}

Subject LiveTarget::identify(const Call &call) const {
    if (call.verb() != RSF_DELETE || !kubernetes_ || is_foreign(call.object(), call.type()))
        return identify(call.object(), call.type(), call.name(), call.ns());
    Subject subject;
    subject.object = call.object();
    kubernetes::Deletion deletion = kubernetes::identify_to_delete(subject.object, call.type(), call.name(), call.ns());
    if (deletion.identity) {
        subject.identity = *std::move(deletion.identity);
        subject.type = type_of(subject.identity);
    } else {
        subject.absent = deletion.why;
    }
    return subject;
}

std::optional<json::object> LiveTarget::read(const Subject &subject, const Call &call) const {
    try {
        OtherTarget::Asked asked;
        asked.verb = RSF_GET;
        asked.type = subject.type;
        asked.name = subject.identity.name;
        asked.ns = subject.identity.ns;
        return parsed_object(over_.perform(call, asked).text);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return std::nullopt;
    }
}

json::object LiveTarget::read_or_empty(const Subject &subject, const Call &call) const {
    try {
        return read(subject, call).value_or(json::object());
    } catch (const Error &error) {
        if (error.code == Code::cancelled) throw;
        return {};
    }
}

std::optional<json::object> LiveTarget::read_deleted(const Subject &subject, const Call &call) const {
    if (std::optional<json::object> live = read(subject, call)) return live;
    const std::string group(group_of(subject.identity.api_version));
    if (group.empty()) return std::nullopt;
    return read(Subject{{}, subject.identity, subject.identity.kind + "." + group, {}, nullptr}, call);
}

json::object LiveTarget::list(std::string_view type, std::string_view ns, const Call &call) const {
    OtherTarget::Asked asked;
    asked.verb = RSF_LIST;
    asked.type = type;
    asked.ns = ns;
    asked.all_namespaces = ns.empty();
    return parsed_object(over_.perform(call, asked).text);
}

} // namespace rsf::dryrun::planner
