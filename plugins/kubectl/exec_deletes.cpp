// SPDX-License-Identifier: Apache-2.0
#include "exec_writes.hpp"

#include <algorithm>
#include <set>

namespace rsf::kubectl {

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
    // Those that --output=name writes alike.
    std::set<std::string> names;
    for (const Write *write : writes) names.insert(written_name(write->posted.identity));
    const bool namesakes = names.size() < writes.size();
    const Found before = namesakes ? look(writes) : Found();

    // What is not found is to be said: it may be the path, by a version or a scope that kubectl remembers and that has changed.
    // Once some were deleted, kubectl is only to wait for them.
    Words command{"delete", "--wait=true", "--output=name"};
    const milliseconds reserve = several ? std::min(time_left(call) / 4, milliseconds(5000)) : milliseconds(0);
    std::string deleted;
    for (Writes asked = open(writes); !asked.empty();) {
        const Ending ending = run_over(asked, as_asked(call, command), reserve);
        deleted += ending.output;
        const std::optional<Error> failed = answer_failed(ending, asked);
        if (failed) fail_those_left(open(asked), *failed);
        if (failed || ending.succeeded()) break;
        asked = open(asked); // kubectl has waited for none of them, since it failed for others
        command = {"delete", "--ignore-not-found=true", "--wait=true", "--output=name"};
    }

    for (Write *write : open(writes)) {
        const bool was_there = namesakes ? before.count(write) > 0
                               : several ? has_line(deleted, written_name(write->posted.identity))
                                         : !deleted.empty();
        write->answer = was_there ? Result() : absent();
    }
    look_again(writes);
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

// kubectl does not know a kind: it may be there in another version, or be gone, or its part of the API did not answer.
void ExecWrites::look_again(const Writes &writes) const {
    std::map<std::pair<std::string, std::string>, std::optional<ApiType>> types;
    for (Write *write : writes) {
        const Error *found = write->answer ? std::get_if<Error>(&*write->answer) : nullptr;
        if (!found) continue;
        const Error said = *found;
        if (said.code == Code::not_found) write->answer = absent(); // it, or its whole namespace
        // kubectl finds no dry run for a kind that it remembers, but that is gone, and of objects that are never stored.
        const bool no_dry_run = write->call.dry_run() && said.code == Code::internal;
        if (said.code != Code::invalid && said.code != Code::unsupported && !no_dry_run) continue;
        const kubernetes::Identity &identity = write->posted.identity;
        try {
            const std::pair key(identity.api_version, identity.kind);
            if (!types.contains(key)) types.emplace(key, type_of_deleted(*write));
            const std::optional<ApiType> &type = types.at(key);
            const bool is_known = type && type->api_version == identity.api_version;
            if (!type || !type->is_kept)
                write->answer = absent();
            else if (!is_known || writes.size() > 1) // then what was said may be another's
                write->answer = remove_as(*write, *type);
        } catch (const Error &error) {
            write->answer = error;
        }
    }
}

std::optional<ApiType> ExecWrites::type_of_deleted(const Write &write) const {
    Discovery discovery(kubectl_.path_reader());
    return discovery.of_deleted(write.call, write.posted.identity.api_version, write.posted.identity.kind);
}

BatchAnswer ExecWrites::remove_as(const Write &write, const ApiType &type) const {
    if (write.call.dry_run()) aggregation_.check_dry_run(write.call, type.api_version, type.kind);
    Write other = write;
    other.posted.object["apiVersion"] = other.posted.identity.api_version = type.api_version;
    other.text = json_text(other.posted.object);
    other.answer.reset();
    remove({&other});
    return *std::move(other.answer);
}

} // namespace rsf::kubectl
