// SPDX-License-Identifier: Apache-2.0
#include "kubectl/kubectl_driver.hpp"

#include "kubectl/api/bodies/posted.hpp"
#include "kubectl/errors/answer_check.hpp"
#include "kubectl/errors/shown_errors.hpp"
#include "kubectl/transports/exec/exec_transport.hpp"
#include "kubectl/transports/proxy/proxy_transport.hpp"
#include "kubectl/transports/warning_scope.hpp"

#include <resourcifier/answer_rules.hpp>
#include <resourcifier/kubernetes.hpp>
#include <resourcifier/kubernetes/object_identity.hpp>

#include <algorithm>

namespace rsf::kubectl {

namespace {

std::unique_ptr<Driver> make_transport(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                                       const settings::Environment &environment) {
    if (settings.uses_proxy) return std::make_unique<transports::ProxyTransport>(host, settings, credentials, environment);
    return std::make_unique<transports::ExecTransport>(host, settings, credentials, environment);
}

// What a dry run answers with is at no revision, and a list at none that a write could expect.
void note_revision(const Call &call, Result &result) {
    if (call.verb() == RSF_LIST || call.verb() == RSF_DELETE || call.dry_run()) return;
    result.revision = read_identity(result.text).revision;
    if (!fault_of_revision(result.revision).empty()) result.revision.clear();
}

// One kubectl writes several objects, and does not say which of them it warns of.
void give_warnings(std::vector<std::string> warnings, std::vector<BatchAnswer> &answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        auto *result = std::get_if<Result>(&answers[i]);
        if (!result) continue;
        for (std::string &warning : warnings)
            result->warnings.push_back(answers.size() == 1 ? std::move(warning)
                                                           : "Of this or another of " + std::to_string(answers.size()) +
                                                                 " objects that were written together: " + warning);
        return;
    }
}

} // namespace

KubectlDriver::KubectlDriver(Host host, const json::object &settings)
    : KubectlDriver(host, settings::read_settings(settings, settings::variable(settings::host_environment(), "PATH")),
                    settings::host_environment()) {}

KubectlDriver::KubectlDriver(Host host, settings::Settings settings, const std::vector<std::string> &host_environment)
    : settings_(std::move(settings)), credentials_(settings_), environment_(settings_, credentials_, host_environment),
      expiry_(settings_, environment_.files()), transport_(make_transport(host, settings_, credentials_, environment_)) {
    credentials_.know(environment_.files(), environment_.variables());
}

// Either transport may say that it wrote what it did not, and what fails may quote what was posted.
Result KubectlDriver::perform(const Call &call, Result (Driver::*verb)(const Call &)) {
    environment_.kubeconfig().check();
    credentials_.refresh();
    const bool puts = call.verb() == RSF_CREATE || call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY;
    api::check_revision_form(call);
    transports::WarningScope warnings;
    try {
        Result result = ((*transport_).*verb)(call);
        if (puts) errors::check_written(call, result.text);
        note_revision(call, result);
        result.warnings = warnings.take();
        return result;
    } catch (const Error &error) {
        throw errors::shown(error, errors::secrets_posted({call}));
    }
}

std::vector<BatchAnswer> KubectlDriver::batch(const std::vector<Call> &calls) {
    try {
        environment_.kubeconfig().check();
    } catch (const Error &error) {
        return std::vector<BatchAnswer>(calls.size(), error);
    }
    credentials_.refresh();
    transports::WarningScope warnings;
    std::vector<BatchAnswer> answers = transport_->batch(calls);
    for (std::size_t i = 0; i < calls.size(); ++i)
        if (auto *result = std::get_if<Result>(&answers[i]); result && calls[i].verb() != RSF_DELETE) try {
                errors::check_written(calls[i], result->text);
                note_revision(calls[i], *result);
            } catch (const Error &error) {
                answers[i] = error;
            }
    give_warnings(warnings.take(), answers);
    const auto failed = [](const BatchAnswer &answer) { return std::holds_alternative<Error>(answer); };
    if (std::none_of(answers.begin(), answers.end(), failed)) return answers;
    const masking::SecretSearch secrets = errors::secrets_posted(calls); // one's failure may quote another's object
    for (BatchAnswer &answer : answers)
        if (const Error *error = std::get_if<Error>(&answer)) answer = errors::shown(*error, secrets);
    return answers;
}

json::object KubectlDriver::health() const {
    json::object health = transport_->health();
    if (const std::string fault = environment_.kubeconfig().fault(); !fault.empty()) {
        health["ok"] = false;
        health["reason"] = fault;
    }
    if (const std::string expire = expiry_.soonest(); !expire.empty()) health["credentials_expire"] = expire;
    return health;
}

std::vector<Before> KubectlDriver::order(std::string_view ns, const std::vector<Resource> &resources) {
    return transport_->order(ns, resources);
}

Settlement KubectlDriver::settle(const Call &call) {
    environment_.kubeconfig().check();
    credentials_.refresh();
    try {
        Settlement said = transport_->settle(call);
        if (!fault_of_revision(said.revision).empty()) said.revision.clear();
        return said;
    } catch (const Error &error) {
        throw errors::shown(error, errors::secrets_posted({call}));
    }
}

TypeName KubectlDriver::kind(const Call &call) {
    environment_.kubeconfig().check();
    credentials_.refresh();
    return transport_->kind(call);
}

} // namespace rsf::kubectl
