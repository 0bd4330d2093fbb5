// SPDX-License-Identifier: Apache-2.0
#include "kubectl_driver.hpp"

#include "answer_check.hpp"
#include "exec_transport.hpp"
#include "proxy_transport.hpp"
#include "shown_errors.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>

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
      transport_(make_transport(host, settings_, credentials_, environment_)) {
    credentials_.know(environment_.files(), environment_.variables());
}

// Either transport may say that it wrote what it did not, and what fails may quote what was posted.
Result KubectlDriver::perform(const Call &call, Result (Driver::*verb)(const Call &)) {
    environment_.kubeconfig().check();
    credentials_.refresh();
    const bool puts = call.verb() == RSF_CREATE || call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY;
    try {
        Result result = ((*transport_).*verb)(call);
        if (puts) check_written(call, result.text);
        return result;
    } catch (const Error &error) {
        throw shown(error, secrets_posted({call}));
    }
}

std::vector<BatchAnswer> KubectlDriver::batch(const std::vector<Call> &calls) {
    try {
        environment_.kubeconfig().check();
    } catch (const Error &error) {
        return std::vector<BatchAnswer>(calls.size(), error);
    }
    credentials_.refresh();
    std::vector<BatchAnswer> answers = transport_->batch(calls);
    for (std::size_t i = 0; i < calls.size(); ++i)
        if (auto *result = std::get_if<Result>(&answers[i]); result && calls[i].verb() != RSF_DELETE) try {
                check_written(calls[i], result->text);
            } catch (const Error &error) {
                answers[i] = error;
            }
    const auto failed = [](const BatchAnswer &answer) { return std::holds_alternative<Error>(answer); };
    if (std::none_of(answers.begin(), answers.end(), failed)) return answers;
    const masking::SecretSearch secrets = secrets_posted(calls); // one's failure may quote another's object
    for (BatchAnswer &answer : answers)
        if (const Error *error = std::get_if<Error>(&answer)) answer = shown(*error, secrets);
    return answers;
}

json::object KubectlDriver::health() const {
    json::object health = transport_->health();
    if (const std::string fault = environment_.kubeconfig().fault(); !fault.empty()) {
        health["ok"] = false;
        health["reason"] = fault;
    }
    return health;
}

std::vector<Before> KubectlDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    return transport_->order(ns, resources);
}

} // namespace rsf::kubectl
