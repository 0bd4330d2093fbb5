// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/exec/exec_transport.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/errors/answer_check.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/process/file_stamp.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/text/list_text.hpp"
#include "kubectl/transports/context.hpp"

#include <utility>

namespace rsf::kubectl::transports {

namespace {

// What is known of an object that is asked for by these words: nothing of kinds that are not built in.
kubernetes::Identity asked_for(std::string_view type, std::string_view name, std::string_view ns) {
    kubernetes::Identity asked{{}, {}, std::string(name), {}};
    const kubernetes::Kind *kind = kubernetes::find_kind(type);
    if (!kind) return asked;
    asked.api_version = kind->api_version();
    asked.kind = kind->kind;
    if (kind->namespaced) asked.ns = ns;
    return asked;
}

} // namespace

ExecTransport::ExecTransport(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                             const settings::Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment),
      kubectl_(host, settings, credentials, environment), writes_(host, settings, kubectl_), discovery_(kubectl_.path_reader()) {}

std::vector<Before> ExecTransport::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? default_namespace() : std::string(ns), resources);
}

// Empty: it can't be found out.
std::string ExecTransport::default_namespace() const {
    if (!settings_.ns.empty()) return settings_.ns;
    std::string stamp = process::stamp_of(environment_.files());
    const shared::Lock lock(mutex_);
    if (stamp_ == stamp && !default_namespace_.empty()) return default_namespace_;
    try {
        environment_.kubeconfig().check();
        default_namespace_ = ask_default_namespace(settings_, credentials_, environment_);
        stamp_ = std::move(stamp);
    } catch (const Error &error) {
        host_.log(LogLevel::warning, std::string("The namespace of resources that name none is not known: ") + error.what());
        return {};
    }
    return default_namespace_;
}

Result ExecTransport::list(const Call &call) {
    text::check_type(call.type());
    Words command{"get", "--output=json"};
    if (!call.label_selector().empty()) {
        text::check_selector(call.label_selector(), "The label selector");
        command.push_back("--selector=" + std::string(call.label_selector()));
    }
    if (!call.field_selector().empty()) {
        text::check_selector(call.field_selector(), "The field selector");
        command.push_back("--field-selector=" + std::string(call.field_selector()));
    }
    if (call.all_namespaces()) command.push_back("--all-namespaces=true");
    const std::string_view ns = call.all_namespaces() ? std::string_view{} : call.ns().empty() ? settings_.ns : call.ns();
    if (!ns.empty()) text::check_namespace(ns);
    std::string text = kubectl_.output_of({call, command, ns, {std::string(call.type())}});
    if (!text::items_of(text)) throw Error(Code::internal, "kubectl succeeded, but its answer is not a list.", Retry::never);
    errors::check_items(asked_for(call.type(), {}, ns), text);
    return Result::from_text(std::move(text));
}

Result ExecTransport::get(const Call &call) {
    text::check_type(call.type());
    text::check_name(call.name());
    try {
        return get(call, call.type());
    } catch (const Error &error) {
        if (!errors::is_no_such_type(error)) throw;
        const std::optional<api::ApiType> type = discovery_.of_object_word(call, call.type());
        if (!type) throw;
        if (!type->is_kept) throw errors::never_stored(Code::not_found, type->kind);
        const auto [group, version] = kubernetes::split_api_version(type->api_version);
        return get(call, type->plural + "." + std::string(version) + "." + std::string(group));
    }
}

Result ExecTransport::get(const Call &call, std::string_view type) const {
    const std::string_view ns = call.ns().empty() ? settings_.ns : call.ns();
    if (!ns.empty()) text::check_namespace(ns);
    std::string text = kubectl_.output_of({call, {"get", "--output=json"}, ns, {std::string(type), std::string(call.name())}});
    const json::object live = text::parse_object(text, "kubectl");
    if (text::array_at(live, "items"))
        throw Error(Code::invalid, "The type stands for several types at once: ask for one of them.", Retry::never);
    errors::check_object(asked_for(type, call.name(), ns), text);
    return Result::from_text(std::move(text), Outcome::done, api::api_path(live));
}

json::object ExecTransport::health() const {
    const std::string why = kubectl_.out_of_touch();
    if (why.empty()) return {{"ok", true}};
    return {{"ok", false}, {"reason", why}};
}

Result ExecTransport::alone(const Call &call) const {
    BatchAnswer answer = std::move(writes_.perform({call}).front());
    if (const auto *error = std::get_if<Error>(&answer)) throw Error(*error);
    return std::get<Result>(std::move(answer));
}

} // namespace rsf::kubectl::transports
