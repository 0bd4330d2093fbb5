// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/exec/exec_writes.hpp"

#include <algorithm>
#include <set>

namespace rsf::kubectl::transports {

namespace {

using std::chrono::milliseconds;

// As --output=name writes it.
std::string written_name(const kubernetes::Identity &identity) {
    std::string name = kubernetes::lower(identity.kind);
    const std::string_view group = kubernetes::split_api_version(identity.api_version).group;
    if (!group.empty()) name.append(".").append(group);
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

Result ExecWrites::absent() { return Result::from_text({}, Outcome::unchanged); }

void ExecWrites::remove(const Writes &writes) const {
    const Call &call = writes.front()->call;
    const bool several = writes.size() > 1;
    // Objects whose names --output=name prints alike.
    std::set<std::string> names;
    for (const Write *write : writes) names.insert(written_name(write->posted.identity));
    const bool namesakes = names.size() < writes.size();
    const Found before = namesakes ? read_live(writes) : Found();

    // First without --ignore-not-found: "not found" may mean the path, if kubectl's cache has an old version or scope of the
    // kind. After a failure the same command waits for the objects that it had deleted.
    Words command{"delete", "--wait=true", "--output=name"};
    const milliseconds reserve = several ? std::min(time_left(call) / 4, milliseconds(5000)) : milliseconds(0);
    std::string deleted;
    for (Writes asked = open(writes); !asked.empty();) {
        const process::Ending ending = run_over(asked, as_asked(call, command), reserve);
        deleted += ending.output;
        const std::optional<Error> failed = answer_failed(ending, asked);
        if (failed) fail_those_left(open(asked), *failed);
        if (failed || ending.succeeded()) break;
        asked = open(asked); // after a failure for one object kubectl waits for none
        command = {"delete", "--ignore-not-found=true", "--wait=true", "--output=name"};
    }

    for (Write *write : open(writes)) {
        const bool was_there = namesakes ? before.count(write) > 0
                               : several ? has_line(deleted, written_name(write->posted.identity))
                                         : !deleted.empty();
        write->answer = was_there ? Result() : absent();
    }
    look_up_unknown_kinds(writes);
}

// kubectl waits for one object after another. More objects than the one at which it gave up may still be there.
void ExecWrites::fail_those_left(const Writes &writes, const Error &failed) const {
    std::optional<Found> left;
    if (writes.size() > 1) try {
            left = read_live(writes);
        } catch (const Error &) { // then any of them may still be there
        }
    for (Write *write : open(writes))
        if (!left || left->count(write) > 0) write->answer = failed;
}

// For kinds that kubectl does not know: the cluster may have the kind in another version, have none, or fail to answer.
void ExecWrites::look_up_unknown_kinds(const Writes &writes) const {
    std::map<std::pair<std::string, std::string>, std::optional<api::ApiType>> types;
    for (Write *write : writes) {
        const Error *found = write->answer ? std::get_if<Error>(&*write->answer) : nullptr;
        if (!found) continue;
        const Error said = *found;
        if (said.code == Code::not_found) write->answer = absent(); // the object, or its whole namespace
        // kubectl fails a dry run for a kind that only its cache has, and for objects that are never stored.
        const bool no_dry_run = write->call.dry_run() && said.code == Code::internal;
        if (said.code != Code::invalid && said.code != Code::unsupported && !no_dry_run) continue;
        const kubernetes::Identity &identity = write->posted.identity;
        try {
            const std::pair key(identity.api_version, identity.kind);
            if (!types.contains(key)) types.emplace(key, type_of_deleted(*write));
            const std::optional<api::ApiType> &type = types.at(key);
            const bool is_known = type && type->api_version == identity.api_version;
            if (!type || !type->is_kept)
                write->answer = absent();
            else if (!is_known || writes.size() > 1) // then the error may be about another object
                write->answer = remove_as(*write, *type);
        } catch (const Error &error) {
            write->answer = error;
        }
    }
}

std::optional<api::ApiType> ExecWrites::type_of_deleted(const Write &write) const {
    api::Discovery discovery(kubectl_.path_reader());
    return discovery.of_deleted(write.call, write.posted.identity.api_version, write.posted.identity.kind);
}

BatchAnswer ExecWrites::remove_as(const Write &write, const api::ApiType &type) const {
    if (write.call.dry_run()) aggregation_.check_dry_run(write.call, type.api_version, type.kind);
    Write other = write;
    other.posted.object["apiVersion"] = other.posted.identity.api_version = type.api_version;
    other.text = json_text(other.posted.object);
    other.answer.reset();
    remove({&other});
    return *std::move(other.answer);
}

} // namespace rsf::kubectl::transports
