// SPDX-License-Identifier: Apache-2.0
//
// What a plan knows to be secret before it shows anything: the Secrets of the whole configuration, as posted and as they are in
// the cluster. A step that shows another object may come first, and that object may hold a copy of either.
#include "review.hpp"
#include "values.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>

namespace rsf::dryrun {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view reference_begins = "$(ref.";

// What the references in text lead to, as far as tell(the reference's inside, "a.data.x") knows it.
template <class Tell> std::string filled_in(std::string_view text, const Tell &tell) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find(reference_begins, at), text.size());
        result += text.substr(at, begin - at);
        at = begin;
        if (at == text.size()) break;
        const std::size_t end = text.find(')', begin);
        if (end == text.npos) return result += text.substr(begin);
        result += tell(text.substr(begin + reference_begins.size(), end - begin - reference_begins.size()));
        at = end + 1;
    }
    return result;
}

template <class Change> void each_text(json::value &value, const Change &change) {
    if (value.is_string()) change(value.get_string());
    if (value.is_array())
        for (json::value &each : value.get_array()) each_text(each, change);
    if (value.is_object())
        for (auto &&[key, each] : value.get_object()) each_text(each, change);
}

bool is_known(const kubernetes::Identity &identity) { return (identity.name + identity.ns).find("$(ref.") == std::string::npos; }

} // namespace

void Review::note_secrets(const Resource &resource, std::string_view ns, const json::object &object) {
    secrets_.learn(object, resource.type);
    if (!secrets_.is_secret(object, resource.type)) return;
    Subject subject;
    subject.object = object;
    try {
        tell_apart(subject, resource.type, resource.name, ns);
    } catch (const Error &) { // its own step says why
        return;
    }
    subject.object.clear();
    if (is_known(subject.identity)) unread_.push_back(std::move(subject));
}

// A value that a reference brings into a Secret is known as soon as another resource has it as posted: that one may be shown
// first.
void Review::learn_referenced(const PlanRequest &request) {
    std::map<std::string_view, std::string_view> texts;
    for (const Resource &resource : request.resources) texts.emplace(resource.name, resource.object_text);
    std::map<std::string_view, json::value> objects; // that were referred to, each read once
    const auto tell = [&](std::string_view inside) -> std::string {
        for (std::size_t dot = inside.find('.'); dot != inside.npos; dot = inside.find('.', dot + 1)) { // names have dots, too
            const auto text = texts.find(inside.substr(0, dot));
            if (text == texts.end()) continue;
            const auto [object, is_new] = objects.try_emplace(text->first);
            if (is_new) object->second = json_value(text->second);
            if (!object->second.is_object()) return {};
            return std::string(find_text(object->second.get_object(), inside.substr(dot + 1)));
        }
        return std::string(reference_begins).append(inside).append(")");
    };
    for (const Resource &resource : request.resources) {
        if (resource.object_text.find(reference_begins) == std::string_view::npos) continue;
        json::value object = json_value(resource.object_text);
        if (!object.is_object() || !secrets_.is_secret(object.get_object(), resource.type)) continue;
        each_text(object, [&](json::string &text) { text = filled_in(text, tell); });
        secrets_.learn(object.get_object(), resource.type);
    }
}

// Whichever step comes first reads them all; the others wait. What can't be read by this user is not there for the plan either,
// but a cluster that does not answer leaves open what is secret: then no step shows anything.
void Review::learn_live_secrets(const Call &call) {
    std::unique_lock lock(reading_, std::defer_lock);
    // Not try_lock_for: ThreadSanitizer of g++ 12 does not see a lock that is taken by the steady clock.
    while (!lock.try_lock_until(std::chrono::system_clock::now() + 50ms)) {
        if (call.cancelled()) throw Error(Code::cancelled, "The call was cancelled before it was known what is secret.");
        if (std::chrono::steady_clock::now() >= call.deadline())
            throw Error(Code::timeout, "There was no time left to find out what is secret.", Retry::later);
    }
    while (!unread_.empty() && !unread_because_) try {
            const Subject &secret = unread_.back();
            if (const std::optional<json::object> live = read(secret, call)) secrets_.learn(*live, secret.identity.kind);
            unread_.pop_back();
        } catch (const Error &error) {
            if (error.code == Code::cancelled) throw;
            if (error.code == Code::unavailable || error.code == Code::timeout)
                unread_because_ = error;
            else
                unread_.pop_back();
        }
    if (unread_because_)
        throw Error(unread_because_->code,
                    std::string("What is secret can't be found out, so that nothing can be shown: ") + unread_because_->what(),
                    unread_because_->retry, unread_because_->retry_after);
}

} // namespace rsf::dryrun
