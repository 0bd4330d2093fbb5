// SPDX-License-Identifier: Apache-2.0
#include "extension_checks.hpp"

#include "drivers/abi/driver_extensions.hpp"
#include "drivers/abi/driver_library.hpp"
#include "drivers/abi/driver_values.hpp"

namespace rsf::check {

namespace {

void need_offered(Subject &subject, const char *id) {
    if (!subject.host().extension<void>(id)) throw Skipped(std::string("the driver does not offer ") + id);
}

bool checks_revisions(const Subject &subject) { return (subject.descriptor().flags & RSF_DRIVER_REVISIONS) != 0; }

// At a revision at which no object is.
void refused_at_another(Subject &subject, std::uint32_t verb) {
    if (!subject.offers(verb)) return;
    FakeCall call = subject.call(verb, "revisions");
    call.expected_revision = "rsf-check-no-such-revision";
    const FakeAnswer answer = subject.perform(call);
    const std::string what = std::string(name_of(verb)) + " of an object that is not at the expected revision";
    need(!answer.succeeded, what + " succeeded");
    need(answer.code == Code::conflict || answer.code == Code::invalid || answer.code == Code::unsupported,
         what + " failed with code " + std::to_string(static_cast<int>(answer.code)) +
             " instead of RSF_CONFLICT: " + answer.message);
}

std::string revision_now(Subject &subject) {
    const FakeAnswer live = subject.succeeding(RSF_GET, "revisions", "get");
    need(!live.revision.empty(), "it says that it obeys expected_revision (RSF_DRIVER_REVISIONS), and get answers no revision");
    return live.revision;
}

// At the revision at which the object is. unsupported: the driver can't keep to it for this verb.
void done_at_this(Subject &subject, std::uint32_t verb) {
    if (!subject.offers(verb)) return;
    FakeCall call = subject.call(verb, "revisions");
    call.expected_revision = revision_now(subject);
    const FakeAnswer answer = subject.perform(call);
    need(answer.succeeded || answer.code == Code::unsupported,
         std::string(name_of(verb)) + " at the revision that get answered failed: " + answer.message);
}

std::string_view settled(Subject &subject, const FakeCall &call) {
    const FakeAnswer answer = subject.host().settle(call);
    need(answer.fault.empty(), answer.fault);
    if (!answer.succeeded) return {};
    const std::string_view word = answer.object.at("settled").as_string();
    return word == "done" ? "done" : word == "not-done" ? "not-done" : "unknown";
}

// Null: it is not known.
json::value named(Subject &subject, const FakeCall &call) {
    const FakeAnswer answer = subject.host().kind(call);
    need(answer.fault.empty(), answer.fault);
    return answer.succeeded ? answer.object : json::value();
}

} // namespace

void tells_abilities(Subject &subject) {
    std::string offered;
    const auto add = [&](std::string_view name) { offered.append(offered.empty() ? "" : ", ").append(name); };
    for (const std::string &verb : drivers::capability_names(subject.descriptor().capabilities)) add(verb);
    if (checks_revisions(subject)) add("revisions");
    const auto found = drivers::find_extensions(drivers::whole(subject.entry().functions), subject.host().driver());
    if (found)
        for (const std::string &name : found->offered.names) add(name);
    subject.say("driver ABI " + std::to_string(subject.entry().abi_major) + "." + std::to_string(subject.entry().abi_minor) +
                ", offers " + offered);
}

void revisions(Subject &subject) {
    if (!checks_revisions(subject)) throw Skipped("the driver does not say RSF_DRIVER_REVISIONS");
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    subject.succeeding(RSF_CREATE, "revisions", "create");
    const json::value before = subject.succeeding(RSF_GET, "revisions", "get").object;
    for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY, RSF_DELETE}) {
        refused_at_another(subject, verb);
        need(subject.succeeding(RSF_GET, "revisions", "get of what is not at the expected revision").object == before,
             std::string(name_of(verb)) + " of an object that is not at the expected revision changed it");
    }
    for (const std::uint32_t verb : {RSF_REPLACE, RSF_APPLY, RSF_DELETE}) done_at_this(subject, verb);
    subject.succeeding(RSF_DELETE, "revisions", "delete");
}

void settles(Subject &subject) {
    need_offered(subject, RSF_EXT_SETTLE);
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    FakeCall call = subject.call(RSF_CREATE, "settle");
    call.operation = "rsf-check-" + call.name;
    call.began_ms = FakeCall::now_ms();
    need(settled(subject, call) != "done", "it says of a write that was never made that it was done");
    subject.failing(RSF_GET, "settle", Code::not_found, "get of what was only settled");
    const FakeAnswer made = subject.perform(call);
    need(made.succeeded, "create within an operation failed: " + made.message);
    need(settled(subject, call) != "not-done", "it says of a write that it answered that it was not done");
    FakeCall later = call;
    later.operation += "-later";
    later.began_ms = FakeCall::now_ms() + 3'600'000;
    need(settled(subject, later) != "done", "it says of a create that its object, which was there before, was made by it");
    call.step = 1;
    call.name += "-2";
    call.object = json_text(subject.named(subject.sample().object, call.name));
    need(settled(subject, call) != "done", "it says of another step, which was never made, that it was done");
    subject.succeeding(RSF_DELETE, "settle", "delete");
}

void names_kinds(Subject &subject) {
    need_offered(subject, RSF_EXT_KIND);
    const json::value by_type = named(subject, subject.call(RSF_GET, "kind"));
    const json::value by_object = named(subject, subject.call(RSF_CREATE, "kind"));
    if (by_type.is_object() && by_object.is_object())
        for (const char *member : {"group", "kind", "namespaced"})
            need(by_type.at(member) == by_object.at(member),
                 std::string("the type of a get and that of its object have another \"") + member + "\"");
    for (const char *word : {"rsf-check-no-such-type", "", "-n", "../..", "a b", "\xE2\x80\xAE"}) {
        FakeCall call = subject.call(RSF_GET, "kind");
        call.type = word;
        const json::value name = named(subject, call);
        need(!name.is_object() || name.at("there") != json::value(true),
             std::string("it says that the cluster has the type '") + word + "'");
    }
}

} // namespace rsf::check
