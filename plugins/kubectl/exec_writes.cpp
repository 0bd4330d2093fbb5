// SPDX-License-Identifier: Apache-2.0
#include "exec_writes.hpp"

#include "api_path.hpp"
#include "json_parts.hpp"
#include "posted.hpp"
#include "second_look.hpp"

#include <algorithm>
#include <set>
#include <system_error>

namespace rsf::kubectl {

namespace {

using std::chrono::milliseconds;

// Of the objects that go to one kubectl, whose answer is to have room in what is read of it.
constexpr std::size_t most_bytes = std::size_t{4} << 20;

// command, done by the server as a dry run if the call is one.
Words as_asked(const Call &call, Words command) {
    if (call.dry_run()) command.push_back("--dry-run=server");
    return command;
}

std::string_view group_of(std::string_view api_version) { return kubernetes::split_api_version(api_version).group; }

// As --output=name writes it.
std::string written_name(const kubernetes::Identity &identity) {
    std::string name = kubernetes::lower(identity.kind);
    if (const std::string_view group = group_of(identity.api_version); !group.empty()) name.append(".").append(group);
    return name.append("/").append(identity.name);
}

bool has_line(std::string_view text, std::string_view line) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (text.substr(0, end) == line) return true;
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
    return false;
}

} // namespace

// A write, ready to be read by kubectl.
struct ExecWrites::Write {
    Call call;
    Posted posted;
    std::string text;     // of the object
    std::string ns;       // for --namespace; empty: the object says so itself, or it is the context's
    std::string known_ns; // where the object is, if it is known and the object has a namespace at all
    std::optional<BatchAnswer> answer;
};

template <class Make> void ExecWrites::answer_with(Write &write, Make make) {
    try {
        write.answer = make();
    } catch (const Error &error) {
        write.answer = error;
    }
}

ExecWrites::ExecWrites(Host host, const Settings &settings, const KubectlProcess &kubectl)
    : host_(host), settings_(settings), kubectl_(kubectl) {}

std::vector<BatchAnswer> ExecWrites::perform(const std::vector<Call> &calls) const {
    std::vector<BatchAnswer> answers(calls.size());
    std::vector<Write> writes;
    std::vector<std::size_t> indices; // of the calls that writes are
    writes.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) try {
            writes.push_back(prepare(calls[i]));
            indices.push_back(i);
        } catch (const Error &error) {
            answers[i] = error;
        }
    for (const Writes &group : groups_of(writes)) perform(group);
    for (std::size_t i = 0; i < writes.size(); ++i) answers[indices[i]] = std::move(writes[i].answer).value();
    return answers;
}

ExecWrites::Write ExecWrites::prepare(const Call &call) const {
    Write write{call, read_posted(call), {}, {}, {}, {}};
    write.text = json::serialize(write.posted.object);
    const kubernetes::Identity &identity = write.posted.identity;
    const kubernetes::Kind *kind = kubernetes::find_kind(identity.api_version, identity.kind);
    if (kind && !kind->namespaced) return write;
    write.known_ns = identity.ns.empty() ? settings_.ns : identity.ns;
    const bool says_so = !metadata_text(write.posted.object, "namespace").empty();
    if (!says_so) write.ns = write.known_ns; // kubectl would refuse to put what names one namespace into another
    if (!kind) write.known_ns = identity.ns.empty() ? std::string{} : write.known_ns; // it may well have none
    return write;
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
    try {
        switch (writes.front()->call.verb()) {
        case RSF_CREATE: return put(writes, {"create", "--output=json"}, Outcome::created);
        case RSF_REPLACE: carry_over_live(writes); return put(open(writes), {"replace", "--output=json"}, Outcome::changed);
        case RSF_APPLY: {
            const Found before = look(writes);
            Words command{"apply", "--server-side=true", "--output=json", "--field-manager=" + settings_.field_manager};
            if (settings_.force) command.push_back("--force-conflicts=true");
            return put(open(writes), command, Outcome::changed, &before);
        }
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
                          : same_version(was->second.object, found->second.object) ? Outcome::unchanged
                                                                                   : Outcome::changed;
            return result_of(*write, std::move(found->second), outcome);
        });
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

void ExecWrites::remove(const Writes &writes) const {
    const Call &call = writes.front()->call;
    const bool several = writes.size() > 1;
    // Those that --output=name writes alike.
    std::set<std::string> names;
    for (const Write *write : writes) names.insert(written_name(write->posted.identity));
    const bool namesakes = names.size() < writes.size();
    const Found before = namesakes ? look(writes) : Found();

    const Words command{"delete", "--ignore-not-found=true", "--wait=true", "--output=name"};
    const milliseconds reserve = several ? std::min(time_left(call) / 4, milliseconds(5000)) : milliseconds(0);
    std::string deleted;
    for (Writes asked = open(writes); !asked.empty();) {
        const Ending ending = run_over(asked, as_asked(call, command), reserve);
        deleted += ending.output;
        const std::optional<Error> failed = answer_failed(ending, asked);
        if (failed) fail_those_left(open(asked), *failed);
        if (failed || ending.succeeded()) break;
        asked = open(asked); // kubectl has waited for none of them, since it failed for others
    }

    std::map<std::string, BatchAnswer> absent; // by namespace
    for (Write *write : open(writes)) {
        const bool was_there = namesakes ? before.count(write) > 0
                               : several ? has_line(deleted, written_name(write->posted.identity))
                                         : !deleted.empty();
        if (const auto known = absent.find(write->known_ns); !was_there && known != absent.end()) {
            write->answer = known->second;
            continue;
        }
        answer_with(*write, [&] { return was_there ? Result() : result_of_absent(*write); });
        if (!was_there) absent.emplace(write->known_ns, *write->answer);
    }
}

// kubectl waits for one after another: the one that it gave up at may not be the only one that it had deleted.
void ExecWrites::fail_those_left(const Writes &writes, const Error &failed) const {
    std::optional<Found> left;
    if (writes.size() > 1) try {
            left = look(writes);
        } catch (const Error &) { // then any of them may be there
        }
    for (Write *write : open(writes))
        if (!left || left->count(write) > 0) write->answer = failed;
}

void ExecWrites::carry_over_live(const Writes &writes) const {
    Writes some;
    std::copy_if(writes.begin(), writes.end(), std::back_inserter(some),
                 [](const Write *write) { return has_something_to_carry_over(write->posted); });
    if (some.empty()) return;
    const Found live = look(some);
    for (Write *write : some)
        if (const auto found = live.find(write); found != live.end()) {
            carry_over(found->second.object, write->posted.object);
            write->text = json::serialize(write->posted.object);
        }
}

ExecWrites::Found ExecWrites::look(const Writes &writes) const {
    const Ending ending = run_over(writes, {"get", "--ignore-not-found=true", "--output=json"});
    if (const std::optional<Error> failed = answer_failed(ending, writes)) throw Error(*failed);
    return found_in(ending, writes);
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
    KubectlProcess::Task task{writes.front()->call, std::move(command), writes.front()->ns, {}, {}, reserve};
    for (const Write *write : writes) task.objects.push_back(write->text);
    return kubectl_.run(task);
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
    if (outcome == Outcome::created && write.posted.identity.kind == "CustomResourceDefinition" && !write.call.dry_run())
        wait_until_in_force(host_, write.call, name, [&] {
            const std::string time = std::to_string(std::max<long>(time_left(write.call).count(), 1)) + "ms";
            kubectl_.output_of({write.call,
                                {"wait", "--for=condition=Established", "--timeout=" + time},
                                {},
                                {"customresourcedefinitions.apiextensions.k8s.io/" + name}});
        });
    return Result::from_text(std::move(live.text), outcome, api_path(live.object));
}

Result ExecWrites::result_of_absent(const Write &write) const {
    if (!write.known_ns.empty())
        check_namespace_exists(write.known_ns, [&] {
            kubectl_.output_of({write.call, {"get", "--output=name"}, {}, {"namespaces", write.known_ns}});
        });
    return Result::from_text({}, Outcome::unchanged);
}

} // namespace rsf::kubectl
