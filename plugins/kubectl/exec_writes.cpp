// SPDX-License-Identifier: Apache-2.0
#include "exec_writes.hpp"

#include "api_client.hpp"
#include "api_path.hpp"
#include "apply_body.hpp"
#include "apply_text.hpp"
#include "carry_over.hpp"
#include "definition_state.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"
#include "second_look.hpp"

#include <algorithm>
#include <system_error>

namespace rsf::kubectl {

namespace {

using std::chrono::milliseconds;

// Of the objects that go to one kubectl, whose answer is to have room in what is read of it.
constexpr std::size_t most_bytes = std::size_t{4} << 20;

std::string_view group_of(std::string_view api_version) { return kubernetes::split_api_version(api_version).group; }

constexpr std::string_view unchecked = "--validate=false";

// What a delete needs of an object. kubectl reads the rest too, and refuses what it can't read, though the object may be there.
json::object named_alone(const Posted &posted) {
    json::object metadata{{"name", posted.identity.name}};
    if (const std::string_view ns = metadata_text(posted.object, "namespace"); !ns.empty()) metadata["namespace"] = ns;
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

ExecWrites::ExecWrites(Host host, const Settings &settings, const KubectlProcess &kubectl)
    : host_(host), settings_(settings), kubectl_(kubectl),
      schemas_(
          [this](const Call &call, const std::string &path) {
              return kubectl_.output_of({call, {"get", "--raw=" + path}});
          },
          [host](const Call &call, const std::string &text) { host.log(LogLevel::warning, text, &call); }),
      aggregation_([this](const Call &call, const std::string &name) {
          return parse_object(
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

// Of those that the cluster has no path for. Where that can't be found out, what was said stands.
void ExecWrites::name_never_stored(std::vector<Write> &writes) const {
    Discovery discovery(kubectl_.path_reader());
    for (Write &write : writes) {
        const Error *error = std::get_if<Error>(&*write.answer);
        if (!error || !is_no_such_path(*error) || write.call.verb() == RSF_DELETE) continue;
        const kubernetes::Identity &identity = write.posted.identity;
        try {
            if (!discovery.of_object(write.call, identity.api_version, identity.kind).is_kept)
                write.answer = never_stored(Code::unsupported, identity.kind);
        } catch (const Error &) {
        }
    }
}

std::optional<ExecWrites::Write> ExecWrites::prepare(const Call &call) const {
    std::optional<Posted> posted = call.verb() == RSF_DELETE ? read_deleted(call) : read_posted(call);
    if (!posted) return std::nullopt;
    if (call.verb() == RSF_DELETE) posted->object = named_alone(*posted);
    Write write{call, *std::move(posted), {}, {}, {}, {}};
    if (call.verb() == RSF_APPLY) check_kubectl_can_apply(write.posted.object);
    write.text = json_text(write.posted.object);
    const kubernetes::Identity &identity = write.posted.identity;
    if (call.dry_run()) aggregation_.check_dry_run(call, identity.api_version, identity.kind);
    const kubernetes::Kind *kind = kubernetes::find_kind(identity.api_version, identity.kind);
    if (!kind && call.verb() != RSF_DELETE) check_recent(write);
    if (kind && !kind->namespaced) return write;
    write.known_ns = identity.ns.empty() ? settings_.ns : identity.ns;
    const bool says_so = !metadata_text(write.posted.object, "namespace").empty();
    if (!says_so) write.ns = write.known_ns; // kubectl would refuse to put what names one namespace into another
    if (!kind) write.known_ns = identity.ns.empty() ? std::string{} : write.known_ns; // it may well have none
    return write;
}

// Of a definition that is too new for kubectl, which would let the API server drop what it does not know.
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
        default: throw Error(Code::unsupported, "This driver writes with create, replace, apply and delete alone.", Retry::never);
        }
    } catch (const Error &error) {
        fail_open(error);
    } catch (const std::system_error &error) {
        fail_open(
            {Code::unavailable, std::string("The system has no means left to run kubectl: ") + error.what() + ".", Retry::later});
    }
}

void ExecWrites::put(const Writes &writes, const Words &command, Outcome outcome, const Found *before) const {
    if (writes.empty()) return;
    const Ending ending = run_over(writes, as_asked(writes.front()->call, command));
    const std::optional<Error> failed = answer_failed(ending, writes);
    if (before && ending.how == Ending::How::exited && !ending.succeeded() && writes.size() > 1)
        return put_again(open(writes), open(writes).size() < writes.size(), command, *before);
    Found live = found_in(ending, writes);
    for (Write *write : open(writes))
        answer_with(*write, [&] {
            const auto found = live.find(write);
            if (found == live.end() && failed) throw Error(*failed);
            if (found == live.end())
                throw Error(Code::internal, "kubectl did not say what became of this object. The change may have happened.");
            const auto was = before ? before->find(write) : Found::const_iterator();
            if (before)
                outcome = was == before->end()                                     ? Outcome::created
                          : same_content(was->second.object, found->second.object) ? Outcome::unchanged
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

// kubectl judges by /openapi/v2, which says some seconds later what the definition of a kind says at once, and requires fields
// that the API server itself answers without.
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
        } catch (const Error &) { // then what kubectl says stands
        }
    }
    return some;
}

// When one of several can't be applied, kubectl says of none what became of it, and not always which one it was. To apply again
// what was applied does no harm: without those that are known to fail, or else in halves.
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

// again: puts these once more, whose answers are gone.
void ExecWrites::repeat_overtaken(const Writes &writes, const std::function<void(const Writes &)> &again) {
    Writes some = overtaken(writes);
    for (int turn = 1; !some.empty() && turn < most_turns; ++turn, some = overtaken(some)) {
        for (Write *write : some) write->answer.reset();
        again(some);
    }
}

// One that names its version is refused for good.
ExecWrites::Writes ExecWrites::overtaken(const Writes &writes) {
    Writes some;
    for (Write *write : writes) {
        const Error *error = write->answer ? std::get_if<Error>(&*write->answer) : nullptr;
        if (error && is_overtaken(*error) && metadata_text(write->posted.object, "resourceVersion").empty())
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
    const Found live = look_with_managers(writes);
    for (Write *write : writes)
        if (const auto found = live.find(write); found != live.end()) {
            json::object object = write->posted.object; // which another turn begins with
            carry_over(found->second.object, own(), object);
            write->text = json_text(object);
        }
}

ExecWrites::Found ExecWrites::look(const Writes &writes) const {
    const Ending ending = run_over(writes, {"get", "--ignore-not-found=true", "--output=json"});
    if (const std::optional<Error> failed = answer_failed(ending, writes)) throw Error(*failed);
    return found_in(ending, writes);
}

// kubectl leaves out who set which field unless it is asked; before 1.21 it does not know the question, and shows it always.
ExecWrites::Found ExecWrites::look_with_managers(const Writes &writes) const {
    if (shows_managers_) {
        const Ending ending = run_over(writes, with_managers({"get", "--ignore-not-found=true", "--output=json"}));
        shows_managers_ = ending.succeeded() || ending.errors.find("unknown flag: --show-managed-fields") == std::string::npos;
        if (shows_managers_) {
            if (const std::optional<Error> failed = answer_failed(ending, writes)) throw Error(*failed);
            return found_in(ending, writes);
        }
    }
    return look(writes);
}

// What failed for one of them is its answer. Returned is what failed for nobody in particular.
std::optional<Error> ExecWrites::answer_failed(const Ending &ending, const Writes &writes) const {
    if (ending.succeeded()) return std::nullopt;
    const Call &call = writes.front()->call;
    if (ending.how != Ending::How::exited) return kubectl_.error_of(ending, call);
    ErrorText words = sort_error_text(ending.errors);
    std::vector<std::string> files;
    for (std::size_t i = 0; i < writes.size(); ++i) files.push_back(kubectl_.file_of(i));
    const SpokenErrors spoken = read_errors(words.message, files);
    bool somebody = false;
    for (std::size_t i = 0; i < writes.size(); ++i)
        if (!spoken.of_file[i].empty()) {
            writes[i]->answer = kubectl_.error_of(ErrorText{spoken.of_file[i], {}, {}}, ending.value, call);
            somebody = true;
        }
    if (somebody && spoken.others.empty()) return std::nullopt;
    words.message = spoken.others;
    return kubectl_.error_of(words, ending.value, call);
}

Ending ExecWrites::run_over(const Writes &writes, Words command, milliseconds reserve) const {
    std::vector<std::string> texts;
    for (const Write *write : writes) texts.push_back(write->text);
    return run_over(writes, std::move(texts), std::move(command), reserve);
}

Ending ExecWrites::run_over(const Writes &writes, std::vector<std::string> texts, Words command, milliseconds reserve) const {
    return kubectl_.run({writes.front()->call, std::move(command), writes.front()->ns, {}, std::move(texts), reserve});
}

ExecWrites::Found ExecWrites::found_in(const Ending &ending, const Writes &writes) {
    SpokenObjects spoken = read_objects(ending.output);
    if (ending.succeeded() && !spoken.complete) throw not_an_object("kubectl");
    return assign(writes, std::move(spoken.objects));
}

// First those that can't be another's: where a write says no namespace, any will do.
ExecWrites::Found ExecWrites::assign(const Writes &writes, std::vector<LiveObject> objects) {
    Found found;
    const auto is = [&](const Write &write, const json::object &live, bool exactly) {
        const kubernetes::Identity &identity = write.posted.identity;
        const std::string_view ns = metadata_text(live, "namespace");
        return writes.size() == 1 || (metadata_text(live, "name") == identity.name && text_at(live, "kind") == identity.kind &&
                                      group_of(text_at(live, "apiVersion")) == group_of(identity.api_version) &&
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
            for (int turn = 0; !is_in_force(parse_object(kubectl_.output_of({write.call, get, {}, words}), "kubectl")); ++turn)
                ApiClient::pause(write.call, turn);
        });
    return Result::from_text(std::move(live.text), outcome, api_path(live.object));
}

} // namespace rsf::kubectl
