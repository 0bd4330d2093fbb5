// SPDX-License-Identifier: Apache-2.0
#include "kubectl_driver.hpp"

#include "exec_transport.hpp"
#include "proxy_transport.hpp"

#include <resourcifier/kubernetes.hpp>

namespace rsf::kubectl {

namespace {

std::unique_ptr<Driver> make_transport(Host host, const Settings &settings, const Credentials &credentials,
                                       const Environment &environment) {
    if (settings.uses_proxy) return std::make_unique<ProxyTransport>(host, settings, credentials, environment);
    return std::make_unique<ExecTransport>(host, settings, credentials, environment);
}

} // namespace

KubectlDriver::KubectlDriver(Host host, const json::object &settings)
    : KubectlDriver(host, read_settings(settings, variable(host_environment(), "PATH")), host_environment()) {}

KubectlDriver::KubectlDriver(Host host, Settings settings, const std::vector<std::string> &host_environment)
    : settings_(std::move(settings)), credentials_(settings_), environment_(settings_, credentials_, host_environment),
      transport_(make_transport(host, settings_, credentials_, environment_)) {}

std::vector<Before> KubectlDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? std::string_view(settings_.ns) : ns, resources);
}

} // namespace rsf::kubectl
