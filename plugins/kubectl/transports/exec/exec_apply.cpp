// SPDX-License-Identifier: Apache-2.0
//
// Applies as processes: the commands, and what is done before and after them.
#include "kubectl/transports/exec/exec_writes.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/api/bodies/apply_body.hpp"
#include "kubectl/api/bodies/take_over.hpp"
#include "kubectl/text/json_parts.hpp"

#include <algorithm>

namespace rsf::kubectl::transports {

void ExecWrites::apply(const Writes &writes) const {
    for (Write *write : writes) make_body(*write);
    const Found before = read_with_managers(writes);
    Writes contested, others;
    for (Write *write : open(writes)) {
        const auto found = before.find(write);
        const bool is_own = found != before.end() && api::taken_over(found->second.object, own());
        (is_own && write->call.dry_run() ? contested : others).push_back(write);
    }
    if (!writes.front()->call.dry_run()) take_over(others, before);
    put(others, apply_command(settings_.force), Outcome::changed, &before);
    plan_over_own(contested, before);
}

Words ExecWrites::apply_command(bool force) const {
    Words command{"apply", "--server-side=true", "--output=json", "--field-manager=" + settings_.field_manager};
    if (force) command.push_back("--force-conflicts=true");
    return command;
}

Words ExecWrites::with_managers(Words command) const {
    if (shows_managers_) command.push_back("--show-managed-fields=true");
    return command;
}

void ExecWrites::make_body(Write &write) const {
    json::object object = api::apply_body(std::move(write.posted.object), has_status(write));
    schemas_.complete(write.call, {write.posted.identity.api_version, write.posted.identity.kind}, object);
    write.text = json_text(object);
    write.posted.object = std::move(object);
}

// Whether its kind has status as a subresource. Built-in kinds have that or no status at all. Where the user may not read the
// resources of another kind, the status is sent: a server with the subresource ignores it.
bool ExecWrites::has_status(const Write &write) const {
    const kubernetes::Identity &identity = write.posted.identity;
    if (kubernetes::find_kind(identity.api_version, identity.kind)) return true;
    if (!write.posted.object.contains("status")) return false;
    try {
        const std::vector<std::string> resources = resources_of(write);
        return std::any_of(resources.begin(), resources.end(), [](const std::string &name) { return name.ends_with("/status"); });
    } catch (const Error &) {
        return false; // the write reports what is wrong
    }
}

// The resources of the object's kind: "widgets", "widgets/status".
std::vector<std::string> ExecWrites::resources_of(const Write &write) const {
    const kubernetes::Identity &identity = write.posted.identity;
    const std::string path = api::group_path(identity.api_version);
    const json::object answer = text::parse_object(kubectl_.output_of({write.call, {"get", "--raw=" + path}}), "kubectl");
    std::vector<std::string> names;
    if (const json::array *resources = text::array_at(answer, "resources"))
        for (const json::value &each : *resources)
            if (const json::object *resource = each.if_object(); resource && text::text_at(*resource, "kind") == identity.kind)
                names.emplace_back(text::text_at(*resource, "name"));
    return names;
}

// Repeated when another client changed the object meanwhile. If it never succeeds, the apply itself reports the conflict.
void ExecWrites::take_over(const Writes &writes, Found live) const {
    constexpr int most_patches = 4;
    if (take_over_at_once(writes, std::move(live))) return;
    Writes some = writes;
    for (int turn = 1; turn <= most_patches && !some.empty(); ++turn) {
        const Found now = read_with_managers(some);
        std::erase_if(some, [&](const Write *write) {
            const auto found = now.find(write);
            return found == now.end() || write->answer || take_over_by_patch(*write, found->second.object);
        });
    }
}

// Replaces each object by itself with other managedFields; one kubectl for all. Whether it succeeded.
bool ExecWrites::take_over_at_once(const Writes &writes, Found live) const {
    Writes some;
    std::vector<std::string> texts;
    for (Write *write : writes) {
        const auto found = live.find(write);
        if (found == live.end()) continue;
        std::optional<json::array> managers = api::taken_over(found->second.object, own());
        if (!managers) continue;
        json::object object = std::move(found->second.object);
        object.at("metadata").as_object()["managedFields"] = std::move(*managers);
        some.push_back(write);
        texts.push_back(json_text(object));
    }
    if (some.empty()) return true;
    const Words command{"replace", "--output=name", "--validate=false", "--field-manager=" + settings_.field_manager};
    return run_over(some, std::move(texts), command).succeeded();
}

// For an object that others change faster than kubectl starts. Whether the object needs no further try.
bool ExecWrites::take_over_by_patch(const Write &write, const json::object &live) const {
    const std::string patch = json_text(api::patch_of_own(live, own()));
    constexpr std::size_t longest_word = std::size_t{100} << 10; // Linux limits one argument to 128 KiB
    if (patch == "[]" || patch.size() > longest_word) return true;
    const Words command{"patch", "--type=json", "--output=name", "--patch=" + patch};
    return kubectl_.run({write.call, command, write.ns, {}, {write.text}}).succeeded();
}

// A dry run can't take fields over before it applies. So it is forced where only managers of this driver conflict, and the fields
// that the take-over would remove are removed from the result. A cluster may refuse the old and the new fields together, such as
// two ports without names: then a dry run of a replace with the new ones alone gives the result.
void ExecWrites::plan_over_own(const Writes &writes, const Found &before) const {
    put(writes, with_managers(apply_command(settings_.force)), Outcome::changed, &before);
    Writes again;
    for (Write *write : writes)
        if (const Error *error = std::get_if<Error>(&*write->answer);
            error && error->code == Code::conflict && api::conflicts_with_own_only(error->what(), own())) {
            write->answer.reset();
            again.push_back(write);
        }
    put(again, with_managers(apply_command(true)), Outcome::changed, &before);
    Writes replaced;
    for (Write *write : writes) {
        std::optional<json::object> object = planned_replacement(*write, before.at(write).object);
        if (!object) continue;
        write->text = json_text(*object);
        write->answer.reset();
        replaced.push_back(write);
    }
    put_planned(replaced, before);
}

// If another client changed the object since it was read, this repeats without a resourceVersion: kubectl then takes the current
// one. It is a dry run, so that nothing is overwritten.
void ExecWrites::put_planned(const Writes &writes, const Found &before) const {
    const Words command{"replace", "--output=json", "--field-manager=" + settings_.field_manager};
    put(writes, command, Outcome::changed, &before);
    repeat_overtaken(writes, [&](const Writes &some) {
        for (Write *write : some) {
            json::object object = text::parse_object(write->text, "kubectl");
            object.at("metadata").as_object().erase("resourceVersion");
            write->text = json_text(object);
        }
        put(some, command, Outcome::changed, &before);
    });
}

// The object for a dry run of a replace, after the dry run of the apply. None: the answer of the apply is the result.
std::optional<json::object> ExecWrites::planned_replacement(const Write &write, const json::object &live) const {
    const Result *planned = std::get_if<Result>(&*write.answer);
    if (!planned) {
        if (std::get<Error>(*write.answer).code != Code::invalid) return std::nullopt;
        return api::applied_alone(live, write.posted.object, own());
    }
    json::object object = text::parse_object(planned->text, "kubectl");
    const json::object gone = api::given_up(live, object, own());
    if (gone.empty()) return std::nullopt;
    api::take_out(gone, object);
    return api::replacing(live, std::move(object), own());
}

} // namespace rsf::kubectl::transports
