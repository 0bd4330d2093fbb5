// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/exec/exec_writes.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/api/bodies/apply_body.hpp"
#include "kubectl/api/bodies/apply_text.hpp"
#include "kubectl/api/bodies/carry_over.hpp"
#include "kubectl/api/types/definition_state.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/transports/waits.hpp"

#include <algorithm>
#include <system_error>

namespace rsf::kubectl::transports {

namespace {

using std::chrono::milliseconds;

// Of the objects that go to one kubectl: its answer must fit into what is read of its output.
constexpr std::size_t most_bytes = std::size_t{4} << 20;

std::string_view group_of(std::string_view api_version) { return kubernetes::split_api_version(api_version).group; }

constexpr std::string_view unchecked = "--validate=false";

// What a delete needs of an object. kubectl would also read the rest and refuse what it can't read, though the object may exist.
json::object named_alone(const api::Posted &posted) {
    json::object metadata{{"name", posted.identity.name}};
    if (const std::string_view ns = text::metadata_text(posted.object, "namespace"); !ns.empty()) metadata["namespace"] = ns;
    return {{"apiVersion", posted.identity.api_version}, {"kind", posted.identity.kind}, {"metadata", std::move(metadata)}};
}

} // namespace

template <class Make> void ExecWrites::answer_with(Write &write, Make make) {
    try {
        write.answer = make();
    } catch (const Error &error) {
        write.answer = error;
    }
}

Words ExecWrites::as_asked(const Call &call, Words command) {
    if (call.dry_run()) command.push_back("--dry-run=server");
    return command;
}

ExecWrites::ExecWrites(Host host, const settings::Settings &settings, const KubectlProcess &kubectl)
    : host_(host), settings_(settings), kubectl_(kubectl),
      schemas_(
          [this](const Call &call, const std::string &path) {
              return kubectl_.output_of({call, {"get", "--raw=" + path}});
          },
          [host](const Call &call, const std::string &text) { host.log(LogLevel::warning, text, &call); }),
      aggregation_([this](const Call &call, const std::string &name) {
          return text::parse_object(
              kubectl_.output_of({call, {"get", "--output=json"}, {}, {"apiservices.apiregistration.k8s.io", name}}), "kubectl");
      }) {}

std::vector<BatchAnswer> ExecWrites::perform(const std::vector<Call> &calls) const {
    std::vector<BatchAnswer> answers(calls.size());
    std::vector<Write> writes;
    std::vector<std::size_t> indices; // of the calls that writes are
    writes.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) try {
            std::optional<Write> write = prepare(calls[i]);
            if (!write) {
                answers[i] = absent();
                continue;
            }
            writes.push_back(*std::move(write));
            indices.push_back(i);
        } catch (const Error &error) {
            answers[i] = error;
        }
    for (const Writes &group : groups_of(writes)) perform(group);
    name_never_stored(writes);
    for (std::size_t i = 0; i < writes.size(); ++i) answers[indices[i]] = std::move(writes[i].answer).value();
    return answers;
}

// Names the kind in the errors of writes to a kind that is never stored. If discovery fails, the error of the write stays.
void ExecWrites::name_never_stored(std::vector<Write> &writes) const {
    api::Discovery discovery(kubectl_.path_reader());
    for (Write &write : writes) {
        const Error *error = std::get_if<Error>(&*write.answer);
        if (!error || !errors::is_no_such_path(*error) || write.call.verb() == RSF_DELETE) continue;
        const kubernetes::Identity &identity = write.posted.identity;
        try {
            if (!discovery.of_object(write.call, identity.api_version, identity.kind).is_kept)
                write.answer = errors::never_stored(Code::unsupported, identity.kind);
        } catch (const Error &) {
        }
    }
}

std::optional<ExecWrites::Write> ExecWrites::prepare(const Call &call) const {
    if (!call.expected_revision().empty() && call.verb() != RSF_REPLACE)
        throw Error(Code::unsupported,
                    "kubectl as a process can't " + std::string(call.verb() == RSF_DELETE ? "delete" : "apply") +
                        " only what is at the expected revision, so nothing was done: set transport to proxy for that.",
                    Retry::never);
    std::optional<api::Posted> posted = call.verb() == RSF_DELETE ? api::read_deleted(call) : api::read_posted(call);
    if (!posted) return std::nullopt;
    if (call.verb() == RSF_DELETE) posted->object = named_alone(*posted);
    Write write{call, *std::move(posted), {}, {}, {}, {}};
    if (call.verb() == RSF_REPLACE) api::expect_revision(call, write.posted.object);
    if (call.verb() == RSF_APPLY) api::check_kubectl_can_apply(write.posted.object);
    write.text = json_text(write.posted.object);
    const kubernetes::Identity &identity = write.posted.identity;
    if (call.dry_run()) aggregation_.check_dry_run(call, identity.api_version, identity.kind);
    const kubernetes::Kind *kind = kubernetes::find_kind(identity.api_version, identity.kind);
    if (!kind && call.verb() != RSF_DELETE) check_recent(write);
    if (kind && !kind->namespaced) return write;
    write.known_ns = identity.ns.empty() ? settings_.ns : identity.ns;
    const bool says_so = !text::metadata_text(write.posted.object, "namespace").empty();
    if (!says_so) write.ns = write.known_ns; // kubectl refuses --namespace for an object that names another one
    if (!kind) write.known_ns = identity.ns.empty() ? std::string{} : write.known_ns; // the kind may be cluster-scoped
    return write;
}

// Checks the fields of a kind whose definition is so new that kubectl does not know it: the API server would drop unknown fields.
void ExecWrites::check_recent(const Write &write) const {
    const kubernetes::Identity &identity = write.posted.identity;
    const std::string plural = definitions_.plural_of(identity.api_version, identity.kind);
    if (!plural.empty()) schemas_.check_defined(write.call, {identity.api_version, identity.kind, plural}, write.posted.object);
}

std::vector<ExecWrites::Writes> ExecWrites::groups_of(std::vector<Write> &writes) {
    struct Group {
        Writes writes;
        std::size_t bytes = 0;
    };
    std::vector<Group> groups;
    for (Write &write : writes) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const Group &each) {
            return each.writes.front()->ns == write.ns && each.bytes + write.text.size() <= most_bytes;
        });
        if (group == groups.end()) group = groups.emplace(groups.end());
        group->writes.push_back(&write);
        group->bytes += write.text.size();
    }
    std::vector<Writes> result;
    for (Group &group : groups) result.push_back(std::move(group.writes));
    return result;
}

void ExecWrites::perform(const Writes &writes) const {
    const auto fail_open = [&](const Error &error) {
        for (Write *write : open(writes)) write->answer = error;
    };
    const std::string manager = "--field-manager=" + settings_.field_manager;
    try {
        switch (writes.front()->call.verb()) {
        case RSF_CREATE: return put(writes, {"create", "--output=json", manager}, Outcome::created);
        case RSF_REPLACE: return replace(writes);
        case RSF_APPLY: return apply(writes);
        case RSF_DELETE: return remove(writes);
        default: throw Error(Code::unsupported, "This driver writes with create, replace, apply and delete only.", Retry::never);
        }
    } catch (const Error &error) {
        fail_open(error);
    } catch (const std::system_error &error) {
        fail_open({Code::unavailable, std::string("kubectl could not be run for lack of system resources: ") + error.what() + ".",
                   Retry::later});
    }
}

void ExecWrites::put(const Writes &writes, const Words &command, Outcome outcome, const Found *before) const {
    if (writes.empty()) return;
    const process::Ending ending = run_over(writes, as_asked(writes.front()->call, command));
    const std::optional<Error> failed = answer_failed(ending, writes);
    if (before && ending.how == process::Ending::How::exited && !ending.succeeded() && writes.size() > 1)
        return put_again(open(writes), open(writes).size() < writes.size(), command, *before);
    Found live = found_in(ending, writes);
    for (Write *write : open(writes))
        answer_with(*write, [&] {
            const auto found = live.find(write);
            if (found == live.end() && failed) throw Error(*failed);
            if (found == live.end())
                throw with_effect(Effect::unknown,
                                  {Code::internal, "kubectl printed no result for this object. The change may have happened."});
            const auto was = before ? before->find(write) : Found::const_iterator();
            if (before)
                outcome = was == before->end()                                          ? Outcome::created
                          : api::same_content(was->second.object, found->second.object) ? Outcome::unchanged
                                                                                        : Outcome::changed;
            return result_of(*write, std::move(found->second), outcome);
        });
    if (std::find(command.begin(), command.end(), unchecked) != command.end()) return;
    const Writes again = refused_too_early(writes);
    for (Write *write : again) write->answer.reset();
    Words without_check = command;
    without_check.emplace_back(unchecked);
    put(again, without_check, outcome, before);
}

// kubectl validates by /openapi/v2, which lags some seconds behind the definition of a kind, and which requires fields that the
// API server itself leaves out. These writes are repeated without kubectl's validation.
ExecWrites::Writes ExecWrites::refused_too_early(const Writes &writes) const {
    Writes some;
    for (Write *write : writes) {
        const kubernetes::Identity &identity = write->posted.identity;
        const Error *error = write->answer ? std::get_if<Error>(&*write->answer) : nullptr;
        if (!error || error->code != Code::invalid) continue;
        const std::string_view said = error->what();
        if (said.find("unknown field") == said.npos && said.find("missing required field") == said.npos) continue;
        try {
            for (const std::string &plural : resources_of(*write))
                if (schemas_.knows_fields(write->call, {identity.api_version, identity.kind, plural}, write->posted.object)) {
                    some.push_back(write);
                    break;
                }
        } catch (const Error &) { // then kubectl's error is the answer
        }
    }
    return some;
}

// When one of several objects can't be applied, kubectl prints the result of none, and not always which one failed. An apply can
// be repeated without harm: it is, without the objects that are known to fail, or else in halves.
void ExecWrites::put_again(const Writes &writes, bool others_failed, const Words &command, const Found &before) const {
    const auto some = [&](const Writes &part) {
        try {
            put(part, command, Outcome::changed, &before);
        } catch (const Error &error) {
            for (Write *write : open(part)) write->answer = error;
        }
    };
    if (others_failed) return some(writes);
    const auto half = writes.begin() + static_cast<std::ptrdiff_t>(writes.size() / 2);
    some({writes.begin(), half});
    some({half, writes.end()});
}

// again: puts these writes once more; their answers were reset.
void ExecWrites::repeat_overtaken(const Writes &writes, const std::function<void(const Writes &)> &again) {
    Writes some = overtaken(writes);
    for (int turn = 1; !some.empty() && turn < most_turns; ++turn, some = overtaken(some)) {
        for (Write *write : some) write->answer.reset();
        again(some);
    }
}

// A write that names its resourceVersion is not repeated: the conflict is its answer.
ExecWrites::Writes ExecWrites::overtaken(const Writes &writes) {
    Writes some;
    for (Write *write : writes) {
        const Error *error = write->answer ? std::get_if<Error>(&*write->answer) : nullptr;
        if (error && errors::is_overtaken(*error) && text::metadata_text(write->posted.object, "resourceVersion").empty())
            some.push_back(write);
    }
    return some;
}

void ExecWrites::replace(const Writes &writes) const {
    carry_over_live(writes);
    const Words command{"replace", "--output=json", "--field-manager=" + settings_.field_manager};
    put(open(writes), command, Outcome::changed);
    repeat_overtaken(writes, [&](const Writes &some) {
        carry_over_live(some);
        put(open(some), command, Outcome::changed);
    });
}

void ExecWrites::carry_over_live(const Writes &writes) const {
    const Found live = read_with_managers(writes);
    for (Write *write : writes)
        if (const auto found = live.find(write); found != live.end()) {
            json::object object = write->posted.object; // a copy: the next turn begins with the posted object
            api::carry_over(found->second.object, own(), object);
            write->text = json_text(object);
        }
}

ExecWrites::Found ExecWrites::read_live(const Writes &writes) const {
    const process::Ending ending = run_over(writes, {"get", "--ignore-not-found=true", "--output=json"});
    if (const std::optional<Error> failed = answer_failed(ending, writes)) throw Error(*failed);
    return found_in(ending, writes);
}

// kubectl shows managedFields only with --show-managed-fields. Before 1.21 it lacks the flag and always shows them.
ExecWrites::Found ExecWrites::read_with_managers(const Writes &writes) const {
    if (shows_managers_) {
        const process::Ending ending = run_over(writes, with_managers({"get", "--ignore-not-found=true", "--output=json"}));
        shows_managers_ = ending.succeeded() || ending.errors.find("unknown flag: --show-managed-fields") == std::string::npos;
        if (shows_managers_) {
            if (const std::optional<Error> failed = answer_failed(ending, writes)) throw Error(*failed);
            return found_in(ending, writes);
        }
    }
    return read_live(writes);
}

// An error that names an object becomes the answer of its write. Returns the error that names none.
std::optional<Error> ExecWrites::answer_failed(const process::Ending &ending, const Writes &writes) const {
    if (ending.succeeded()) return std::nullopt;
    const Call &call = writes.front()->call;
    if (ending.how != process::Ending::How::exited) return kubectl_.error_of(ending, call);
    errors::ErrorText words = errors::sort_error_text(ending.errors);
    std::vector<std::string> files;
    for (std::size_t i = 0; i < writes.size(); ++i) files.push_back(kubectl_.file_of(i));
    const OutputErrors parsed = read_errors(words.message, files);
    bool any_named = false;
    for (std::size_t i = 0; i < writes.size(); ++i)
        if (!parsed.of_file[i].empty()) {
            writes[i]->answer = kubectl_.error_of(errors::ErrorText{parsed.of_file[i], {}, {}}, ending.value, call);
            any_named = true;
        }
    if (any_named && parsed.others.empty()) return std::nullopt;
    words.message = parsed.others;
    return kubectl_.error_of(words, ending.value, call);
}

process::Ending ExecWrites::run_over(const Writes &writes, Words command, milliseconds reserve) const {
    std::vector<std::string> texts;
    for (const Write *write : writes) texts.push_back(write->text);
    return run_over(writes, std::move(texts), std::move(command), reserve);
}

process::Ending ExecWrites::run_over(const Writes &writes, std::vector<std::string> texts, Words command,
                                     milliseconds reserve) const {
    return kubectl_.run({writes.front()->call, std::move(command), writes.front()->ns, {}, std::move(texts), reserve});
}

ExecWrites::Found ExecWrites::found_in(const process::Ending &ending, const Writes &writes) {
    OutputObjects parsed = read_objects(ending.output);
    if (ending.succeeded() && !parsed.complete) throw text::not_an_object("kubectl");
    return assign(writes, std::move(parsed.objects));
}

// Exact matches first: a write without a namespace matches an object of any namespace.
ExecWrites::Found ExecWrites::assign(const Writes &writes, std::vector<LiveObject> objects) {
    Found found;
    const auto is = [&](const Write &write, const json::object &live, bool exactly) {
        const kubernetes::Identity &identity = write.posted.identity;
        const std::string_view ns = text::metadata_text(live, "namespace");
        return writes.size() == 1 ||
               (text::metadata_text(live, "name") == identity.name && text::text_at(live, "kind") == identity.kind &&
                group_of(text::text_at(live, "apiVersion")) == group_of(identity.api_version) &&
                (ns == write.known_ns || (!exactly && (ns.empty() || write.known_ns.empty()))));
    };
    for (const bool exactly : {true, false})
        for (const Write *write : writes) {
            if (found.count(write) > 0) continue;
            const auto live = std::find_if(objects.begin(), objects.end(),
                                           [&](const LiveObject &each) { return is(*write, each.object, exactly); });
            if (live == objects.end()) continue;
            found.emplace(write, std::move(*live));
            objects.erase(live);
        }
    return found;
}

ExecWrites::Writes ExecWrites::open(const Writes &writes) {
    Writes result;
    std::copy_if(writes.begin(), writes.end(), std::back_inserter(result), [](const Write *write) { return !write->answer; });
    return result;
}

Result ExecWrites::result_of(const Write &write, LiveObject live, Outcome outcome) const {
    const std::string &name = write.posted.identity.name;
    const bool defines = write.posted.identity.kind == "CustomResourceDefinition" && !write.call.dry_run();
    if (defines) {
        definitions_.note(write.posted.object);
        schemas_.forget_custom();
    }
    if (outcome == Outcome::created && defines)
        wait_until_in_force(host_, write.call, name, [&] {
            const Words get{"get", "--output=json"}, words{"customresourcedefinitions.apiextensions.k8s.io", name};
            for (int turn = 0; !api::is_in_force(text::parse_object(kubectl_.output_of({write.call, get, {}, words}), "kubectl"));
                 ++turn)
                pause(write.call, turn);
        });
    return Result::from_text(std::move(live.text), outcome, api::api_path(live.object));
}

} // namespace rsf::kubectl::transports
