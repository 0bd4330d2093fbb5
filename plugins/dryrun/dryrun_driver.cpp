// SPDX-License-Identifier: Apache-2.0
#include "dryrun_driver.hpp"

#include "dryrun/objects/values.hpp"
#include "dryrun/planner/planner.hpp"
#include "dryrun/simulator/syntax.hpp"
#include "dryrun/storage/folder_storage.hpp"
#include "dryrun/storage/memory_storage.hpp"

#include <resourcifier/kubernetes.hpp>
#include <resourcifier/kubernetes/object_identity.hpp>

#include <unistd.h>

namespace rsf::dryrun {

using namespace objects;
using namespace simulator;

namespace {

std::unique_ptr<storage::Storage> storage_of(const json::object &settings) {
    const std::string path(find_text(settings, "state"));
    if (path.empty()) return std::make_unique<storage::MemoryStorage>();
    if (path.front() != '/')
        throw Error(Code::invalid, "The setting state must be an absolute path, not \"" + path + "\".", Retry::never);
    const json::value *durable = find(settings, "durable");
    return std::make_unique<storage::FolderStorage>(path,
                                                    durable && durable->is_bool() && !durable->get_bool() ? nullptr : ::fsync);
}

std::string namespace_of(const json::object &settings) {
    const std::string name(find_text(settings, "namespace"));
    if (name.empty()) return "default";
    if (const char *fault = fault_of_dns_label(name))
        throw Error(Code::invalid, "The setting namespace is \"" + name + "\", but " + fault + ".", Retry::never);
    return name;
}

Cluster::Request request_of(const Call &call) {
    if (call.cancelled())
        throw Error(Code::cancelled, "The call was cancelled before it began; nothing was changed.", Retry::later);
    return {call.type(),
            call.name(),
            call.ns(),
            call.object(),
            call.dry_run(),
            call.expected_revision(),
            {std::string(call.operation()), call.step()}};
}

// What a dry run answers with is at no revision.
Result with_revision(const Call &call, Result result) {
    if (!call.dry_run()) result.revision = read_identity(result.text).revision;
    return result;
}

} // namespace

DryrunDriver::DryrunDriver(Host host, const json::object &settings) {
    const std::string_view over = find_text(settings, "over");
    if (over.empty()) {
        cluster_.emplace(storage_of(settings), namespace_of(settings));
        return;
    }
    if (!find_text(settings, "state").empty())
        throw Error(Code::invalid, "The settings over and state exclude each other: over plans, state keeps a simulated cluster.",
                    Retry::never);
    over_.emplace(host, std::string(over));
}

Result DryrunDriver::list(const Call &call) {
    if (over_) return pass_on(call);
    const auto ns = call.all_namespaces() ? std::nullopt : std::optional(std::string(call.ns()));
    return cluster_->list({call.type(), ns, call.label_selector(), call.field_selector()}, [&] { return call.cancelled(); });
}

Result DryrunDriver::get(const Call &call) {
    return over_ ? pass_on(call) : with_revision(call, cluster_->get(call.type(), call.name(), call.ns()));
}

Result DryrunDriver::create(const Call &call) { return write(call, &Cluster::create); }
Result DryrunDriver::replace(const Call &call) { return write(call, &Cluster::replace); }
Result DryrunDriver::remove(const Call &call) { return write(call, &Cluster::remove); }
Result DryrunDriver::apply(const Call &call) { return write(call, &Cluster::apply); }

Result DryrunDriver::write(const Call &call, Result (Cluster::*verb)(Cluster::Request)) {
    return over_ ? pass_on(call) : with_revision(call, ((*cluster_).*verb)(request_of(call)));
}

// The host refuses a write that is not a dry run.
Result DryrunDriver::pass_on(const Call &call) const { return over_->perform(call, OtherTarget::Asked::of(call)); }

std::vector<Before> DryrunDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    if (over_) return {}; // the other target's driver has its own order
    return kubernetes::order(ns.empty() ? std::string_view(cluster_->default_namespace()) : ns, resources);
}

// Over another target only the kinds that every cluster has are known.
TypeName DryrunDriver::kind(const Call &call) {
    const json::object object = call.object_text().empty() ? json::object() : call.object();
    if (!over_) {
        const KindPtr kind = cluster_->kind_of(call.type(), object);
        return {kind->type.group, kind->type.kind, kind->namespaced, true};
    }
    const std::string_view api_version = find_text(object, "apiVersion"), word = find_text(object, "kind");
    const kubernetes::Kind *known = api_version.empty() || word.empty() ? kubernetes::find_kind(word.empty() ? call.type() : word)
                                                                        : kubernetes::find_kind(api_version, word);
    if (!known)
        throw Error(Code::unavailable, "Which type this is only the target " + over_->name() + " knows: ask that one.",
                    Retry::never);
    return {std::string(known->group), std::string(known->kind), known->namespaced, std::nullopt};
}

// Over another target nothing is written, so that there is nothing to settle.
Settlement DryrunDriver::settle(const Call &call) {
    return over_ ? Settlement::not_done() : cluster_->settle(call.verb(), request_of(call));
}

std::unique_ptr<Planning> DryrunDriver::plan(const PlanRequest &request) {
    return std::make_unique<planner::Planner>(*over_, request);
}

} // namespace rsf::dryrun
