// SPDX-License-Identifier: Apache-2.0
#include "exec_transport.hpp"

#include "api_path.hpp"
#include "argument.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"
#include "posted.hpp"
#include "sealed_file.hpp"
#include "second_look.hpp"

#include <cstring>
#include <optional>
#include <system_error>

namespace rsf::kubectl {

namespace {

using std::chrono::milliseconds;

std::string name_of_signal(int number) {
    const char *name = ::sigdescr_np(number);
    return name ? name : "no name";
}

bool writes(const Call &call) { return call.verb() != RSF_GET && call.verb() != RSF_LIST; }

milliseconds left(const Call &call) {
    return std::chrono::duration_cast<milliseconds>(call.deadline() - std::chrono::steady_clock::now());
}

// command, done by the server as a dry run if the call is one.
Words as_asked(const Call &call, Words command) {
    if (call.dry_run()) command.push_back("--dry-run=server");
    return command;
}

// What `kubectl get --filename=- --ignore-not-found` answered: nothing, the object, or (1.20) a list.
std::optional<json::object> found(std::string_view answer) {
    if (answer.empty()) return std::nullopt;
    json::object object = parse_object(answer, "kubectl");
    const json::array *items = array_at(object, "items");
    if (!items) return object;
    if (items->empty() || !items->front().is_object()) return std::nullopt;
    return items->front().get_object();
}

} // namespace

// The object of a write, ready to be read by kubectl.
struct ExecTransport::Write {
    Posted posted;
    std::string ns;       // for --namespace; empty: the object says so itself, or it is the context's
    std::string known_ns; // where the object is, if it is known and the object has a namespace at all
};

ExecTransport::ExecTransport(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment) {}

Result ExecTransport::list(const Call &call) {
    check_type(call.type());
    Words command{"get", "--output=json"};
    if (!call.label_selector().empty()) {
        check_selector(call.label_selector(), "The label selector");
        command.push_back("--selector=" + std::string(call.label_selector()));
    }
    if (!call.field_selector().empty()) {
        check_selector(call.field_selector(), "The field selector");
        command.push_back("--field-selector=" + std::string(call.field_selector()));
    }
    if (call.all_namespaces()) command.push_back("--all-namespaces=true");
    const std::string_view ns = call.all_namespaces() ? std::string_view{} : call.ns().empty() ? settings_.ns : call.ns();
    if (!ns.empty()) check_namespace(ns);
    std::string text = run(call, command, ns, {std::string(call.type())});
    const json::object answer = parse_object(text, "kubectl");
    if (const json::value *items = answer.if_contains("items"); !items || !items->is_array())
        throw Error(Code::internal, "kubectl succeeded, but its answer is not a list.", Retry::never);
    return Result::from_text(std::move(text));
}

Result ExecTransport::get(const Call &call) {
    check_type(call.type());
    check_name(call.name());
    const std::string_view ns = call.ns().empty() ? settings_.ns : call.ns();
    if (!ns.empty()) check_namespace(ns);
    return live_object(run(call, {"get", "--output=json"}, ns, {std::string(call.type()), std::string(call.name())}),
                       Outcome::done);
}

Result ExecTransport::create(const Call &call) {
    const Write write = prepare(call);
    std::string live = run(call, as_asked(call, {"create", "--filename=-", "--output=json"}), write.ns, {},
                           json::serialize(write.posted.object));
    if (write.posted.identity.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_established(call, write.posted.identity.name);
    return live_object(std::move(live), Outcome::created);
}

Result ExecTransport::replace(const Call &call) {
    Write write = prepare(call);
    if (has_something_to_carry_over(write.posted))
        carry_over(parse_object(run(call, {"get", "--output=json"}, write.known_ns, {"services", write.posted.identity.name}),
                                "kubectl"),
                   write.posted.object);
    return live_object(run(call, as_asked(call, {"replace", "--filename=-", "--output=json"}), write.ns, {},
                           json::serialize(write.posted.object)),
                       Outcome::changed);
}

Result ExecTransport::remove(const Call &call) {
    const Write write = prepare(call);
    const std::string deleted =
        run(call, as_asked(call, {"delete", "--filename=-", "--ignore-not-found=true", "--wait=true", "--output=name"}), write.ns,
            {}, json::serialize(write.posted.object));
    if (!deleted.empty()) return {};
    if (!write.known_ns.empty())
        check_namespace_exists(write.known_ns, [&] { run(call, {"get", "--output=name"}, {}, {"namespaces", write.known_ns}); });
    return Result::from_text({}, Outcome::unchanged);
}

Result ExecTransport::apply(const Call &call) {
    const Write write = prepare(call);
    const std::string object = json::serialize(write.posted.object);
    const std::optional<json::object> before =
        found(run(call, {"get", "--filename=-", "--ignore-not-found=true", "--output=json"}, write.ns, {}, object));
    Words command{"apply", "--server-side=true", "--filename=-", "--output=json", "--field-manager=" + settings_.field_manager};
    if (settings_.force) command.push_back("--force-conflicts=true");
    std::string live = run(call, as_asked(call, std::move(command)), write.ns, {}, object);
    if (!before && write.posted.identity.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_established(call, write.posted.identity.name);
    return live_object(std::move(live), before ? Outcome::changed : Outcome::created, before ? &*before : nullptr);
}

ExecTransport::Write ExecTransport::prepare(const Call &call) const {
    Write write;
    write.posted = read_posted(call);
    const kubernetes::Identity &identity = write.posted.identity;
    const kubernetes::Kind *kind = kubernetes::find_kind(identity.api_version, identity.kind);
    if (kind && !kind->namespaced) return write;
    write.known_ns = identity.ns.empty() ? settings_.ns : identity.ns;
    const bool says_so = !text_at(write.posted.object.at("metadata").as_object(), "namespace").empty();
    if (!says_so) write.ns = write.known_ns; // kubectl would refuse to put what names one namespace into another
    if (!kind) write.known_ns = identity.ns.empty() ? std::string{} : write.known_ns; // it may well have none
    return write;
}

std::string ExecTransport::run(const Call &call, const Words &command, std::string_view ns, const Words &words,
                               std::string_view object) const {
    if (call.cancelled() || left(call) <= milliseconds{0})
        throw left(call) <= milliseconds{0} ? Error(Code::timeout, "There was no time left to run kubectl.", Retry::later)
                                            : Error(Code::cancelled, "The call was cancelled before kubectl was run.");
    const FileDescriptor input = object.empty() ? FileDescriptor() : sealed_file("resourcifierd-object", object);
    const Program program{settings_.kubectl,
                          command_line({settings_, credentials_, environment_.cache_folder()}, command, ns, left(call), words),
                          environment_.variables(), input.get(), credentials_.descriptor()};
    Ending ending = kubectl::run(program, {call.deadline(), [&] { return call.cancelled(); }});
    if (ending.how != Ending::How::exited || ending.value != 0) throw error_of(ending, call);
    for (const std::string &warning : sort_error_text(ending.errors).warnings)
        host_.log(LogLevel::warning, "kubectl warns: " + credentials_.without_secrets(warning), &call);
    return std::move(ending.output);
}

Result ExecTransport::live_object(std::string text, Outcome outcome, const json::object *before) const {
    const json::object live = parse_object(text, "kubectl");
    if (array_at(live, "items"))
        throw Error(Code::invalid, "The type stands for several types at once: ask for one of them.", Retry::never);
    if (before && same_version(*before, live)) outcome = Outcome::unchanged;
    return Result::from_text(std::move(text), outcome, api_path(live));
}

void ExecTransport::wait_until_established(const Call &call, const std::string &name) const {
    wait_until_in_force(host_, call, name, [&] {
        const std::string time = std::to_string(std::max<long>(left(call).count(), 1)) + "ms";
        run(call, {"wait", "--for=condition=Established", "--timeout=" + time}, {},
            {"customresourcedefinitions.apiextensions.k8s.io/" + name});
    });
}

Error ExecTransport::error_of(const Ending &ending, const Call &call) const {
    const std::string effect = writes(call) ? " The change may have happened." : "";
    switch (ending.how) {
    case Ending::How::not_started: return cant_be_run(settings_.kubectl, ending.value);
    case Ending::How::signalled:
        return {Code::unavailable,
                "kubectl was ended by signal " + std::to_string(ending.value) + " (" + name_of_signal(ending.value) +
                    ") from outside." + effect,
                Retry::later};
    case Ending::How::deadline: return {Code::timeout, "kubectl did not end in time and was stopped." + effect, Retry::later};
    case Ending::How::cancelled: return {Code::cancelled, "The call was cancelled and kubectl was stopped." + effect};
    case Ending::How::too_much_output:
        return {Code::internal,
                "kubectl answered with more than 64 MiB and was stopped: narrow the list with a namespace or a selector.",
                Retry::never};
    case Ending::How::unknown:
        return {Code::internal, "How kubectl ended is not known: something in this process waits for all its children." + effect,
                Retry::unknown};
    case Ending::How::exited: break;
    }
    const ErrorText text = sort_error_text(ending.errors);
    for (const std::string &warning : text.warnings)
        host_.log(LogLevel::warning, "kubectl warns: " + credentials_.without_secrets(warning), &call);
    const Error read = read_error(text, ending.value, writes(call));
    json::value details = read.details;
    if (!details.is_null()) details = json::parse(credentials_.without_secrets(json::serialize(details)));
    return {read.code, credentials_.without_secrets(read.what()), read.retry, read.retry_after, std::move(details)};
}

} // namespace rsf::kubectl
