// SPDX-License-Identifier: Apache-2.0
//
// What a plan knows to be secret before it shows anything: the Secrets of the whole configuration, as posted and as they are in
// the cluster. A step that shows another object may come first, and that object may hold a copy of either.
#include "review.hpp"

namespace rsf::dryrun {
namespace {

using namespace std::chrono_literals;

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
