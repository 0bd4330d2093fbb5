// SPDX-License-Identifier: Apache-2.0
#include "dryrun_driver.hpp"

#include "review.hpp"
#include "syntax.hpp"
#include "values.hpp"

#include <resourcifier/kubernetes.hpp>

#include <unistd.h>

namespace rsf::dryrun {
namespace {

std::unique_ptr<StateFolder> folder_of(const json::object &settings) {
    const std::string path(find_text(settings, "state"));
    if (path.empty()) return nullptr;
    if (path.front() != '/')
        throw Error(Code::invalid, "The setting state must be an absolute path, not \"" + path + "\".", Retry::never);
    const json::value *durable = find(settings, "durable");
    return std::make_unique<StateFolder>(path, durable && durable->is_bool() && !durable->get_bool() ? nullptr : ::fsync);
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
    return {call.type(), call.name(), call.ns(), call.object(), call.dry_run()};
}

} // namespace

DryrunDriver::DryrunDriver(Host host, const json::object &settings) {
    const std::string_view over = find_text(settings, "over");
    if (over.empty()) {
        cluster_.emplace(folder_of(settings), namespace_of(settings));
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

Result DryrunDriver::get(const Call &call) { return over_ ? pass_on(call) : cluster_->get(call.type(), call.name(), call.ns()); }

Result DryrunDriver::create(const Call &call) { return write(call, &Cluster::create); }
Result DryrunDriver::replace(const Call &call) { return write(call, &Cluster::replace); }
Result DryrunDriver::remove(const Call &call) { return write(call, &Cluster::remove); }
Result DryrunDriver::apply(const Call &call) { return write(call, &Cluster::apply); }

Result DryrunDriver::write(const Call &call, Result (Cluster::*verb)(Cluster::Request)) {
    return over_ ? pass_on(call) : ((*cluster_).*verb)(request_of(call));
}

// The host refuses what is no dry run.
Result DryrunDriver::pass_on(const Call &call) const { return over_->perform(call, OtherTarget::Asked::of(call)); }

std::vector<Before> DryrunDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    if (over_) return {}; // the other target's driver says it
    return kubernetes::order(ns.empty() ? std::string_view(cluster_->default_namespace()) : ns, resources);
}

std::unique_ptr<Planning> DryrunDriver::plan(const PlanRequest &request) { return std::make_unique<Review>(*over_, request); }

} // namespace rsf::dryrun
