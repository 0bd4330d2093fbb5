// SPDX-License-Identifier: Apache-2.0
#include "live_secrets.hpp"

#include "dryrun/objects/values.hpp"
#include "references.hpp"

#include "masking/secret_values.hpp"

#include <resourcifier/json_text.hpp>

#include <chrono>
#include <utility>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

using namespace std::chrono_literals;

// How many references are followed from one to the next, where an object is itself named by a reference.
constexpr int most_steps = 8;

bool is_known(const kubernetes::Identity &identity) { return !has_reference(identity.name) && !has_reference(identity.ns); }

// Whether the Secret may exist after this error. After any other error (forbidden, no such kind) the plan can't read the Secret
// for its steps either, and so does not show it.
bool leaves_open(const Error &error) {
    return error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::cancelled;
}

} // namespace

LiveSecrets::LiveSecrets(const LiveTarget &target, const PlanRequest &request, SecretTags &secrets)
    : target_(target), request_(request), secrets_(secrets) {
    for (std::size_t i = 0; i < request.resources.size(); ++i) by_name_.emplace(request.resources[i].name, i);
}

void LiveSecrets::learn_posted(std::size_t resource, const json::object &object) {
    const Resource &posted = request_.resources[resource];
    secrets_.learn(object, posted.type);
    if (!secrets_.is_secret(object, posted.type)) return;
    unread_.push_back(resource);
    if (!has_reference(posted.object_text)) return;
    json::value filled = object;
    fill_in(filled, [this](std::string_view name, std::string_view path) { return posted_text(name, path); });
    secrets_.learn(filled.get_object(), posted.type);
}

void LiveSecrets::learn(const Call &call) {
    std::unique_lock lock(reading_, std::defer_lock);
    // Not try_lock_for: ThreadSanitizer of g++ 12 does not see a lock that is taken by the steady clock.
    while (!lock.try_lock_until(std::chrono::system_clock::now() + 50ms)) {
        if (call.cancelled()) throw Error(Code::cancelled, "The call was cancelled before the live Secrets were read.");
        if (std::chrono::steady_clock::now() >= call.deadline())
            throw Error(Code::timeout, "The deadline passed before the live Secrets were read.", Retry::later);
    }
    if (!unread_because_) read_all(call);
    if (unread_because_)
        throw Error(unread_because_->code,
                    std::string("The live Secrets can't be read, so that the plan may not show any object: ") +
                        unread_because_->what(),
                    unread_because_->retry, unread_because_->retry_after);
}

void LiveSecrets::read_all(const Call &call) try {
    for (; !unread_.empty(); unread_.pop_back()) read(unread_.back(), call);
} catch (const Error &error) {
    if (error.code == Code::cancelled) throw;
    unread_because_ = error;
}

// A reference has one value in the posted object and maybe another in the live one. The Secrets that both lead to are read.
void LiveSecrets::read(std::size_t resource, const Call &call) {
    const bool has_references = has_reference(request_.resources[resource].object_text);
    for (const Source first : {Source::posted, Source::live}) {
        json::object object = filled_in_with(first, resource, call, 0);
        if (has_references) secrets_.learn(object, request_.resources[resource].type);
        const std::optional<Subject> subject = subject_of(resource, std::move(object));
        if (!subject) return;
        if (is_known(subject->identity))
            read_named(*subject, call);
        else if (first == Source::live)
            read_any(*subject, call);
        if (!has_references) return;
    }
}

void LiveSecrets::read_named(const Subject &subject, const Call &call) try {
    if (const std::optional<json::object> live = target_.read(subject, call)) secrets_.learn(*live, subject.type);
} catch (const Error &error) {
    if (leaves_open(error)) throw;
}

// A reference in its identity has no value before another object is made, so that it may be any Secret.
void LiveSecrets::read_any(const Subject &subject, const Call &call) try {
    const bool is_anywhere = has_reference(subject.identity.ns) || subject.identity.ns.empty();
    const json::object list = target_.list(subject.type, is_anywhere ? std::string_view() : subject.identity.ns, call);
    if (const json::array *items = find_array(list, "items"))
        for (const json::value &item : *items)
            if (item.is_object()) secrets_.learn(item.get_object(), subject.type);
} catch (const Error &error) {
    if (leaves_open(error)) throw;
}

// The cluster may have the Secret although it will refuse the apiVersion that was posted.
std::optional<Subject> LiveSecrets::subject_of(std::size_t resource, json::object object) const {
    const Resource &posted = request_.resources[resource];
    if ((target_.is_kubernetes() || object.contains("kind")) && masking::is_secret(object, posted.type)) {
        const std::string_view name = find_text(object, "metadata.name"), ns = find_text(object, "metadata.namespace");
        kubernetes::Identity identity{"v1", "Secret", std::string(name.empty() ? posted.name : name),
                                      std::string(ns.empty() ? request_.ns : ns)};
        return Subject{std::move(object), std::move(identity), "Secret", {}, nullptr};
    }
    try {
        return target_.identify(std::move(object), posted.type, posted.name, request_.ns);
    } catch (const Error &) { // the resource's own step reports the error
        return std::nullopt;
    }
}

// A resource's object with its references filled in: from the first source, or from the other where the first has no value.
json::object LiveSecrets::filled_in_with(Source first, std::size_t resource, const Call &call, int steps) {
    json::value object = posted(resource);
    if (steps == most_steps || !has_reference(request_.resources[resource].object_text)) return std::move(object.get_object());
    fill_in(object, [&](std::string_view name, std::string_view path) -> std::optional<std::string> {
        const auto other = by_name_.find(name);
        if (other == by_name_.end()) return std::nullopt;
        for (const Source source : {first, first == Source::live ? Source::posted : Source::live}) {
            std::optional<std::string> text =
                source == Source::live ? live_text(other->second, path, call, steps + 1) : posted_text(name, path);
            if (text && !has_reference(*text)) return text;
        }
        return std::nullopt;
    });
    return std::move(object.get_object());
}

std::optional<std::string> LiveSecrets::live_text(std::size_t resource, std::string_view path, const Call &call, int steps) {
    const auto [found, is_new] = found_.try_emplace(resource);
    if (is_new) { // first of all, so that references that form a cycle end here
        const std::optional<Subject> subject = subject_of(resource, filled_in_with(Source::posted, resource, call, steps));
        try {
            if (subject && is_known(subject->identity)) found->second = target_.read(*subject, call);
        } catch (const Error &error) {
            if (leaves_open(error)) throw;
        }
    }
    return found->second ? text_at_path(*found->second, path) : std::nullopt;
}

std::optional<std::string> LiveSecrets::posted_text(std::string_view name, std::string_view path) {
    const auto other = by_name_.find(name);
    if (other == by_name_.end()) return std::nullopt;
    const auto [object, is_new] = referred_to_.try_emplace(other->second);
    if (is_new) object->second = posted(other->second);
    return text_at_path(object->second, path);
}

json::object LiveSecrets::posted(std::size_t resource) const {
    json::value value = json_value(request_.resources[resource].object_text);
    return value.is_object() ? std::move(value.get_object()) : json::object();
}

} // namespace rsf::dryrun::planner
