// SPDX-License-Identifier: Apache-2.0
#include "object_checks.hpp"

#include "base/json_pointer.hpp"

#include <array>
#include <optional>

namespace rsf::check {

namespace {

constexpr const char *label = "rsf-check";

json::object *member(json::object &object, std::string_view key) {
    json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

// Without what a cluster counts and stamps by itself, which may change between two reads.
json::value without_bookkeeping(json::value value) {
    json::object *object = value.if_object();
    if (!object) return value;
    json::object *metadata = member(*object, "metadata");
    if (!metadata) return value; // not an object in Kubernetes' form: all of it counts
    object->erase("status");
    for (const char *key : {"resourceVersion", "generation", "managedFields", "uid", "creationTimestamp", "selfLink"})
        metadata->erase(key);
    return value;
}

// Where the two differ first, as a JSON Pointer; none: nowhere.
std::optional<std::string> difference(const json::value &one, const json::value &other) {
    if (one.is_object() && other.is_object()) {
        for (const auto &[key, value] : one.get_object()) {
            const json::value *found = other.get_object().if_contains(key);
            const auto below = found ? difference(value, *found) : std::optional<std::string>("");
            if (below) return base::below({}, key) + *below;
        }
        for (const auto &[key, value] : other.get_object())
            if (!one.get_object().contains(key)) return base::below({}, key);
        return std::nullopt;
    }
    return one == other ? std::nullopt : std::optional<std::string>("");
}

// Where changed differs from first, live must agree with changed. The JSON Pointer of the first place where it does not.
std::optional<std::string> missing(const json::value &first, const json::value &changed, const json::value &live) {
    if (first == changed) return std::nullopt;
    if (!changed.is_object() || !live.is_object()) return changed == live ? std::nullopt : std::optional<std::string>("");
    const auto at = [](const json::value &value, std::string_view key) -> const json::value * {
        return value.is_object() ? value.get_object().if_contains(key) : nullptr;
    };
    for (const auto &[key, value] : changed.get_object()) {
        const json::value *was = at(first, key), *is = at(live, key);
        if (was && *was == value) continue;
        const auto below = is ? missing(was ? *was : json::value(), value, *is) : std::optional<std::string>("");
        if (below) return base::below({}, key) + *below;
    }
    return std::nullopt;
}

// The same object with something else in it.
struct Change {
    json::object object;
    bool is_made_up = false; // made up by the check: the driver may have reasons to refuse it
};

Change changed(const Subject &subject) {
    if (subject.sample().changed) return {*subject.sample().changed, false};
    json::object object = subject.sample().object;
    if (json::object *metadata = member(object, "metadata")) {
        json::value &labels = (*metadata)["labels"];
        if (!labels.is_object()) labels = json::object();
        labels.get_object()[label] = "changed";
        return {std::move(object), true};
    }
    for (auto &[key, value] : object)
        if (value.is_string() && key != "kind" && key != "type" && key != "name" && key != "id") {
            value = std::string(value.get_string()) + "-changed";
            return {std::move(object), true};
        }
    throw Skipped("there is nothing in the sample that the check could change: give the changed object as the second resource "
                  "of --sample");
}

FakeAnswer replaced_by(Subject &subject, std::string_view name, const json::object &object) {
    FakeCall call = subject.call(RSF_REPLACE, name);
    call.object = json_text(subject.named(object, call.name));
    return subject.perform(call);
}

std::string at(const std::string &pointer) { return pointer.empty() ? "as a whole" : "at " + pointer; }

// The name in the object, where it is an object that has one there.
std::string name_in(const json::value &value) {
    const json::object *object = value.if_object();
    const json::value *metadata = object ? object->if_contains("metadata") : nullptr;
    const json::value *name = metadata && metadata->is_object() ? metadata->get_object().if_contains("name") : nullptr;
    return name && name->is_string() ? std::string(name->get_string()) : std::string();
}

void need_name(const Subject &subject, const FakeAnswer &answer, const std::string &name, const std::string &what) {
    if (!subject.sample().object.contains("metadata")) return; // the check can't tell which object it is
    need(name_in(answer.object) == name, what + " answers with another object: its metadata.name is \"" + name_in(answer.object) +
                                             "\" instead of \"" + name + "\"");
}

bool mentions(const FakeAnswer &listed, const std::string &name) {
    return json_text(listed.object).find(name) != std::string::npos;
}

} // namespace

void replaces(Subject &subject) {
    subject.only_with({RSF_CREATE, RSF_GET, RSF_REPLACE, RSF_DELETE});
    const Change change = changed(subject);
    subject.succeeding(RSF_CREATE, "replaces", "create");
    const FakeAnswer answer = replaced_by(subject, "replaces", change.object);
    if (!answer.succeeded && change.is_made_up && answer.code == Code::invalid)
        throw Skipped("the driver refuses the changed object that the check made up (" + answer.message +
                      "): give one as the second resource of --sample");
    need(answer.succeeded, "replace with a changed object failed: " + answer.message);
    const std::string name = subject.call(RSF_GET, "replaces").name;
    const json::value first = subject.named(subject.sample().object, name), wanted = subject.named(change.object, name);
    const json::value live = subject.succeeding(RSF_GET, "replaces", "get of what was replaced").object;
    if (const auto pointer = missing(first, wanted, live))
        throw Failed("a replace with a changed object changes nothing " + at(*pointer) + ": get answers what was there before");
    const FakeAnswer back = replaced_by(subject, "replaces", subject.sample().object);
    need(back.succeeded, "replace with the object as it was created failed: " + back.message);
    const json::value again = subject.succeeding(RSF_GET, "replaces", "get of what was replaced").object;
    if (const auto pointer = missing(wanted, first, again))
        throw Failed("a replace changes nothing " + at(*pointer) + ": get answers what was there before");
    if (change.is_made_up && missing(first, wanted, again) == std::nullopt)
        throw Failed("a replace leaves what the new object does not have");
    subject.succeeding(RSF_DELETE, "replaces", "delete");
}

void agrees(Subject &subject) {
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    const std::array<std::string, 2> names{"agrees-one", "agrees-two"};
    std::array<FakeAnswer, 2> made;
    for (std::size_t i = 0; i < 2; ++i) {
        made[i] = subject.succeeding(RSF_CREATE, names[i], "create");
        need_name(subject, made[i], subject.call(RSF_GET, names[i]).name, "create");
    }
    for (std::size_t i = 0; i < 2; ++i) {
        const FakeAnswer found = subject.succeeding(RSF_GET, names[i], "get of what was created");
        need_name(subject, found, subject.call(RSF_GET, names[i]).name, "get");
        if (const auto pointer = difference(without_bookkeeping(made[i].object), without_bookkeeping(found.object)))
            throw Failed("create answers another object than get then does: they differ " + at(*pointer));
    }
    for (const std::string &name : names) subject.succeeding(RSF_DELETE, name, "delete");
}

void lists_its_type(Subject &subject) {
    subject.only_with({RSF_CREATE, RSF_LIST, RSF_DELETE});
    const std::string name = subject.call(RSF_GET, "lists").name;
    const FakeAnswer made = subject.succeeding(RSF_CREATE, "lists", "create");
    if (!mentions(made, name)) throw Skipped("the name is not in the object, so that the check can't find it in a list");
    need(mentions(subject.succeeding(RSF_LIST, "", "list"), name), "list does not have the object that was created");
    FakeCall call = subject.call(RSF_LIST, "");
    call.type = "rsf-check-no-such-type";
    const FakeAnswer other = subject.perform(call);
    need(!other.succeeded || !mentions(other, name), "a list of another type (rsf-check-no-such-type) has the object as well");
    subject.succeeding(RSF_DELETE, "lists", "delete");
    need(!mentions(subject.succeeding(RSF_LIST, "", "list"), name), "list has the object that was deleted");
}

void foretells(Subject &subject) {
    if (!subject.host().extension<rsf_dry_run>(RSF_EXT_DRY_RUN)) throw Skipped("the driver does not offer " RSF_EXT_DRY_RUN);
    subject.only_with({RSF_CREATE, RSF_DELETE});
    const auto compare = [&](std::uint32_t verb, const json::object &object) {
        FakeCall call = subject.call(verb, "foretells");
        call.object = json_text(subject.named(object, call.name));
        FakeCall dry = call;
        dry.flags = RSF_CALL_DRY_RUN;
        const FakeAnswer foretold = subject.perform(dry), done = subject.perform(call);
        const std::string what = "a dry run of " + std::string(name_of(verb));
        need(foretold.succeeded == done.succeeded,
             what + (foretold.succeeded ? " succeeds and the call then fails: " + done.message
                                        : " fails and the call then succeeds: " + foretold.message));
        need(done.succeeded || foretold.code == done.code, what + " fails with another code than the call then does");
        need(foretold.outcome == done.outcome, what + " has another outcome than the call then has");
        if (verb == RSF_DELETE || !done.succeeded) return;
        if (const auto pointer = difference(without_bookkeeping(foretold.object), without_bookkeeping(done.object)))
            throw Failed(what + " answers another object than the call then does: they differ " + at(*pointer));
    };
    const json::object &object = subject.sample().object;
    compare(RSF_CREATE, object);
    compare(RSF_CREATE, object); // of what exists
    if (subject.offers(RSF_REPLACE)) compare(RSF_REPLACE, object);
    if (subject.offers(RSF_APPLY)) compare(RSF_APPLY, object);
    compare(RSF_DELETE, object);
    compare(RSF_DELETE, object); // of what is absent
}

} // namespace rsf::check
