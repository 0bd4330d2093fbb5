// SPDX-License-Identifier: Apache-2.0
#include "dryrun_driver.hpp"

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
    if (call.dry_run()) // not offered: a caller that sends it must not be led to believe that nothing happened
        throw Error(Code::unsupported, "The simulated cluster does not do dry runs; nothing was changed.", Retry::never);
    if (call.cancelled())
        throw Error(Code::cancelled, "The call was cancelled before it began; nothing was changed.", Retry::later);
    return {call.type(), call.name(), call.ns(), call.object()};
}

} // namespace

DryrunDriver::DryrunDriver(Host, const json::object &settings) : cluster_(folder_of(settings), namespace_of(settings)) {}

Result DryrunDriver::list(const Call &call) {
    const auto ns = call.all_namespaces() ? std::nullopt : std::optional(std::string(call.ns()));
    return cluster_.list({call.type(), ns, call.label_selector(), call.field_selector()}, [&] { return call.cancelled(); });
}

Result DryrunDriver::get(const Call &call) { return cluster_.get(call.type(), call.name(), call.ns()); }
Result DryrunDriver::create(const Call &call) { return cluster_.create(request_of(call)); }
Result DryrunDriver::replace(const Call &call) { return cluster_.replace(request_of(call)); }
Result DryrunDriver::remove(const Call &call) { return cluster_.remove(request_of(call)); }

std::vector<Before> DryrunDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? std::string_view(cluster_.default_namespace()) : ns, resources);
}

} // namespace rsf::dryrun
