// SPDX-License-Identifier: Apache-2.0
#include "earlier_steps.hpp"

#include "contents.hpp"
#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/values.hpp"

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

std::string namespace_key(std::string_view ns) { return "namespace " + std::string(ns); }

std::string kind_key(std::string_view group, std::string_view kind) {
    return "kind " + std::string(group) + "/" + std::string(kind);
}

} // namespace

void EarlierSteps::add(std::string_view name, const json::object &object) {
    const std::size_t resource = names_.size();
    names_.emplace_back(name);
    const shared::Lock lock(mutex_);
    creates_.push_back(false);
    changes_.push_back(false);
    const std::string_view kind = find_text(object, "kind");
    if (kind == "Namespace") makers_.emplace(namespace_key(find_text(object, "metadata.name")), resource);
    if (kind == "CustomResourceDefinition")
        makers_.emplace(kind_key(find_text(object, "spec.group"), find_text(object, "spec.names.kind")), resource);
}

std::optional<std::string> EarlierSteps::because_of(const std::string &what, const std::vector<bool> &done,
                                                    const std::string &sentence) const {
    const auto found = makers_.find(what);
    if (found == makers_.end()) return std::nullopt;
    if (!done[found->second]) return std::nullopt;
    return sentence + ", by " + in_quotes(names_[found->second]) + " of this configuration.";
}

std::optional<std::string> EarlierSteps::made_first(const kubernetes::Identity &identity) const {
    const shared::Lock lock(mutex_);
    if (!identity.ns.empty())
        if (auto reason = because_of(namespace_key(identity.ns), creates_, "Its namespace is made first")) return reason;
    return because_of(kind_key(group_of(identity.api_version), identity.kind), creates_,
                      "Its kind " + identity.kind + " is made first");
}

std::optional<std::string> EarlierSteps::changed_first(const kubernetes::Identity &identity) const {
    const shared::Lock lock(mutex_);
    return because_of(kind_key(group_of(identity.api_version), identity.kind), changes_,
                      "Its kind " + identity.kind + " is changed first");
}

void EarlierSteps::note(std::size_t resource, bool creates, bool changes_spec) {
    const shared::Lock lock(mutex_);
    creates_[resource] = creates;
    changes_[resource] = changes_spec;
}

void EarlierSteps::note_deletion(const json::object &live) {
    const shared::Lock lock(mutex_);
    deletes_.insert(key_of(live));
}

bool EarlierSteps::deletes(const json::object &live) const {
    const shared::Lock lock(mutex_);
    return deletes_.contains(key_of(live));
}

} // namespace rsf::dryrun::planner
