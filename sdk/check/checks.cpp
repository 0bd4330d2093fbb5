// SPDX-License-Identifier: Apache-2.0
#include "checks.hpp"

#include "call_checks.hpp"
#include "drivers/abi/driver_extensions.hpp"
#include "drivers/abi/driver_values.hpp"
#include "extension_checks.hpp"
#include "object_checks.hpp"

#include <algorithm>
#include <thread>

namespace rsf::check {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t verbs[] = {RSF_LIST, RSF_GET, RSF_CREATE, RSF_REPLACE, RSF_APPLY, RSF_DELETE};

// What the driver offers for id; skips the check when that is nothing.
template <class Table> const Table &only_with(Subject &subject, const char *id) {
    const auto *table = subject.host().extension<Table>(id);
    if (!table) throw Skipped(std::string("the driver does not offer ") + id);
    return *table;
}

// Turns the fake host's exception about a broken rule into a failure of the check.
template <class Work> void failing_by_host(Work work) {
    try {
        work();
    } catch (const std::logic_error &broken) {
        throw Failed(broken.what());
    }
}

void create(Subject &subject) {
    try {
        failing_by_host([&] { subject.host(); });
    } catch (const Error &refused) {
        throw Failed(std::string("no instance can be created with these settings (--settings gives others): ") + refused.what());
    }
}

void extensions(Subject &subject) {
    FakeHost &host = subject.host();
    for (const char *unknown : {"org.example.unknown/1", "rsf.order/999", "", "rsf"})
        need(host.extension<void>(unknown) == nullptr,
             std::string("it offers a table for the unknown extension '") + unknown + "'");
    const auto found = drivers::find_extensions(drivers::whole(subject.entry().functions), host.driver());
    need(found.has_value(), found ? "" : found.error().message);
    tells_abilities(subject);
}

// What the other checks rely on.
void answers(Subject &subject) {
    for (const std::uint32_t verb : verbs)
        if (subject.offers(verb))
            for (int turn = 0; turn < 2; ++turn) subject.perform(verb, "answers"); // a late answer is found at the next call
    need(subject.host().late_answers() == 0, "it answers calls that have returned");
}

void unknown(Subject &subject) {
    FakeCall call = subject.call(RSF_GET, "unknown");
    call.verb = 60;
    FakeAnswer answer = subject.perform(call);
    need(answer.code == Code::unsupported, "a verb of a later ABI is not answered with RSF_UNSUPPORTED");
    for (const std::uint32_t verb : verbs) {
        if (!subject.offers(verb)) continue;
        call = subject.call(verb, "unknown");
        call.flags = 1u << 30;
        answer = subject.perform(call);
        need(answer.code == Code::unsupported,
             std::string(name_of(verb)) + " with a flag of a later ABI is not answered with RSF_UNSUPPORTED");
    }
}

void absent(Subject &subject) {
    if (subject.offers(RSF_GET)) subject.failing(RSF_GET, "absent", Code::not_found, "get of what is absent");
    if (subject.offers(RSF_REPLACE)) subject.failing(RSF_REPLACE, "absent", Code::not_found, "replace of what is absent");
    if (!subject.offers(RSF_DELETE)) return;
    const FakeAnswer deleted = subject.succeeding(RSF_DELETE, "absent", "delete of what is absent");
    need(deleted.outcome == Outcome::unchanged, "delete of what is absent does not say that it changed nothing");
}

void objects(Subject &subject) {
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    subject.succeeding(RSF_CREATE, "objects", "create");
    subject.succeeding(RSF_GET, "objects", "get of what was created");
    subject.failing(RSF_CREATE, "objects", Code::already_exists, "create of what exists");
    if (subject.offers(RSF_REPLACE)) subject.succeeding(RSF_REPLACE, "objects", "replace of what exists");
    if (subject.offers(RSF_APPLY)) {
        const FakeAnswer applied = subject.succeeding(RSF_APPLY, "objects", "apply over what exists");
        need(applied.outcome == Outcome::changed || applied.outcome == Outcome::unchanged,
             "apply over what exists says neither that it changed nor that it did not");
    }
    if (subject.offers(RSF_LIST)) {
        const FakeAnswer listed = subject.succeeding(RSF_LIST, "", "list");
        need(!listed.object.at("items").as_array().empty(), "list does not have what was created");
    }
    const FakeAnswer deleted = subject.succeeding(RSF_DELETE, "objects", "delete of what exists");
    need(deleted.outcome != Outcome::unchanged, "delete of what exists says that it changed nothing");
    subject.failing(RSF_GET, "objects", Code::not_found, "get of what was deleted");
}

const std::vector<std::string> &hostile_words() {
    static const std::vector<std::string> words{"",
                                                "-n",
                                                "--all",
                                                "../../etc/passwd",
                                                "/",
                                                "a b",
                                                "a\nb",
                                                "a\tb",
                                                "%2e%2e",
                                                "a;reboot",
                                                "$(reboot)",
                                                "'\"",
                                                "\xE2\x80\xAE",
                                                "\x7F",
                                                std::string("a\0b", 3),
                                                std::string(70'000, 'x')};
    return words;
}

json::value nested(int depth) {
    json::value value = json::object();
    for (int i = 0; i < depth; ++i) value = json::object{{"a", std::move(value)}};
    return value;
}

// Any answer is right, if it is one answer and the driver goes on.
void hostile(Subject &subject) {
    for (const std::uint32_t verb : verbs) {
        if (!subject.offers(verb)) continue;
        for (const std::string &word : hostile_words()) {
            FakeCall call = subject.call(verb, "hostile");
            if (verb == RSF_LIST || verb == RSF_GET) call.type = word;
            subject.perform(call);
            call = subject.call(verb, "hostile");
            (verb == RSF_LIST ? call.label_selector : call.name) = word;
            if (verb == RSF_LIST || verb == RSF_GET) subject.perform(call);
            call = subject.call(verb, "hostile");
            call.ns = word;
            if (verb == RSF_GET) subject.perform(call);
        }
        if (verb == RSF_LIST || verb == RSF_GET) continue;
        for (const json::value &object : {json::value(json::object()), nested(400),
                                          json::value{{"metadata", 7}, {"kind", json::array()}, {"apiVersion", nullptr}}}) {
            FakeCall call = subject.call(verb, "hostile");
            call.object = json_text(object);
            subject.perform(call);
        }
        if (verb == RSF_CREATE && subject.offers(RSF_DELETE)) subject.perform(RSF_DELETE, "hostile");
    }
    need(subject.host().late_answers() == 0, "it answers calls that have returned");
}

// A call that is late or cancelled ends soon.
void ends(Subject &subject) {
    constexpr std::chrono::seconds soon{5};
    for (const std::uint32_t verb : {RSF_LIST, RSF_GET, RSF_CREATE}) {
        if (!subject.offers(verb)) continue;
        for (const bool late : {true, false}) {
            FakeCall call = subject.call(verb, "ends");
            if (late)
                call.deadline = Clock::now() - std::chrono::seconds(1);
            else
                call.cancelled = [] { return true; };
            const auto begun = Clock::now();
            subject.perform(call);
            need(Clock::now() - begun < soon, std::string(name_of(verb)) + " takes more than 5 s although " +
                                                  (late ? "its deadline has passed" : "it is cancelled"));
        }
    }
    if (subject.offers(RSF_CREATE) && subject.offers(RSF_DELETE)) subject.perform(RSF_DELETE, "ends");
}

void several(Subject &subject) {
    if ((subject.descriptor().flags & RSF_DRIVER_CONCURRENT) == 0) throw Skipped("the driver takes one call at a time");
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    subject.host();
    std::vector<std::string> wrong(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < wrong.size(); ++i)
        threads.emplace_back([&subject, &wrong = wrong[i], name = "several-" + std::to_string(i)] {
            try {
                for (int turn = 0; turn < 3; ++turn) {
                    subject.succeeding(RSF_CREATE, name, "create, while others are under way,");
                    subject.succeeding(RSF_GET, name, "get, while others are under way,");
                    subject.succeeding(RSF_DELETE, name, "delete, while others are under way,");
                }
            } catch (const std::exception &failed) {
                wrong = failed.what();
            }
        });
    for (std::thread &thread : threads) thread.join();
    for (const std::string &why : wrong) need(why.empty(), why);
}

void dry_run(Subject &subject) {
    only_with<rsf_dry_run>(subject, RSF_EXT_DRY_RUN);
    subject.only_with({RSF_CREATE, RSF_GET, RSF_DELETE});
    const auto dry = [&](std::uint32_t verb) {
        FakeCall call = subject.call(verb, "dry-run");
        call.flags = RSF_CALL_DRY_RUN;
        const FakeAnswer answer = subject.perform(call);
        need(answer.succeeded, std::string("a dry run of ") + std::string(name_of(verb)) + " failed: " + answer.message);
    };
    dry(RSF_CREATE);
    subject.failing(RSF_GET, "dry-run", Code::not_found, "get of what only a dry run created");
    subject.succeeding(RSF_CREATE, "dry-run", "create");
    const json::value before = subject.succeeding(RSF_GET, "dry-run", "get").object;
    if (subject.offers(RSF_REPLACE)) dry(RSF_REPLACE);
    dry(RSF_DELETE);
    need(subject.succeeding(RSF_GET, "dry-run", "get of what only a dry run deleted").object == before,
         "a dry run changed an object");
    subject.succeeding(RSF_DELETE, "dry-run", "delete");
}

void order(Subject &subject) {
    only_with<rsf_order>(subject, RSF_EXT_ORDER);
    const Sample &sample = subject.sample();
    const json::object odd{{"metadata", 7}};
    const std::vector<FakeResource> resources{
        {"a", sample.type, sample.object}, {"b", sample.type, sample.object}, {"c", "no such type", odd}, {"d", "", {}}};
    failing_by_host([&] {
        for (std::size_t count = 0; count <= resources.size(); ++count)
            subject.host().order("", {resources.begin(), resources.begin() + static_cast<std::ptrdiff_t>(count)});
    });
}

void batch(Subject &subject) {
    const auto &table = only_with<rsf_batch>(subject, RSF_EXT_BATCH);
    subject.only_with({RSF_CREATE, RSF_DELETE});
    const std::size_t count = table.max_calls == 0 ? 3 : std::min<std::size_t>(3, table.max_calls);
    for (const std::uint32_t verb : {RSF_CREATE, RSF_DELETE}) {
        std::vector<FakeCall> calls;
        for (std::size_t i = 0; i < count; ++i) calls.push_back(subject.call(verb, "batch-" + std::to_string(i)));
        std::vector<FakeAnswer> answered;
        failing_by_host([&] { answered = subject.host().batch(calls); });
        for (const FakeAnswer &answer : answered) {
            need(answer.fault.empty(), answer.fault);
            need(answer.succeeded, std::string(name_of(verb)) + " in a batch failed: " + answer.message);
        }
    }
    need(subject.host().late_answers() == 0, "it answers calls of batches that have returned");
}

void health(Subject &subject) {
    only_with<rsf_health>(subject, RSF_EXT_HEALTH);
    const auto begun = Clock::now();
    const FakeAnswer answer = subject.host().health();
    need(answer.fault.empty(), answer.fault);
    need(answer.succeeded, "it fails instead of reporting that it is not ok: " + answer.message);
    need(Clock::now() - begun < std::chrono::seconds(1), "its health takes more than 1 s to report");
}

void secrets(Subject &subject) {
    const auto long_enough = [](const std::string &secret) { return secret.size() >= 4; };
    if (std::none_of(subject.secrets().begin(), subject.secrets().end(), long_enough))
        throw Skipped("the settings have no secret (writeOnly) of 4 characters or more: give some with --settings");
    const auto check = [&](const std::string &text, const char *where) {
        for (const std::string &secret : subject.secrets())
            need(!long_enough(secret) || text.find(secret) == std::string::npos,
                 std::string("a secret of the settings is in ") + where);
    };
    for (const std::uint32_t verb : verbs) {
        if (!subject.offers(verb)) continue;
        for (const char *type : {subject.sample().type.c_str(), "no-such-type"}) {
            FakeCall call = subject.call(verb, "secrets");
            call.type = type;
            const FakeAnswer answer = subject.perform(call);
            check(answer.message, "the message of a failure");
            check(json_text(answer.details), "the details of a failure");
        }
    }
    for (const FakeLine &line : subject.host().log()) check(line.message, "a line of the log");
}

void instances(Subject &subject) {
    const auto make = [&] { FakeHost(subject.entry(), subject.settings()); };
    make(); // what is allocated once per process is no leak
    const Holdings before = Holdings::of_this_process();
    for (int i = 0; i < 1000; ++i) make();
    const Holdings after = Holdings::settled(before);
    const auto compare = [](const char *what, std::size_t was, std::size_t is) {
        need(is <= was, std::to_string(is - was) + " " + what + " were left behind by a thousand instances");
    };
    compare("descriptors", before.descriptors, after.descriptors);
    compare("threads", before.threads, after.threads);
    compare("processes", before.children, after.children);
}

} // namespace

const std::vector<Check> &checks() {
    static const std::vector<Check> all{
        {"create", "an instance can be created with the settings", create, true},
        {"extensions", "its extension tables are complete, and unknown ids get none", extensions, true},
        {"answers", "each call is answered once, with what its verb requires", answers, true},
        {"unknown", "verbs and flags of a later ABI are unsupported", unknown, false},
        {"absent", "get and replace of an absent object fail, and delete of it succeeds", absent, false},
        {"objects", "objects are created, read, replaced, listed and deleted", objects, false},
        {"replaces", "a replace with a changed object changes it", replaces, false},
        {"agrees", "create and get answer the same object, and the one that was asked for", agrees, false},
        {"lists", "what was made is listed with its type and no other", lists_its_type, false},
        {"hostile", "hostile names, types and objects are answered like any other", hostile, false},
        {"ends", "calls end soon after their deadline or a cancellation", ends, false},
        {"several", "several calls at once do not disturb each other", several, false},
        {"dry-run", "a dry run changes nothing", dry_run, false},
        {"foretells", "a dry run answers what the real call then does", foretells, false},
        {"order", "an order names only the given resources", order, false},
        {"batch", "each call of a batch is answered", batch, false},
        {"health", "its health is reported at once", health, false},
        {"revisions", "a write at another revision than the expected one changes nothing", revisions, false},
        {"settle", "whether a write was done is told truly", settles, false},
        {"kind", "a type has one name, and what is no type is not there", names_kinds, false},
        {"secrets", "no secret is in a message or in the log", secrets, false},
        {"calls", "calls leave no descriptor, thread, process or memory behind", leaves_nothing, false},
        {"surroundings",
         "folder, umask, locale, environment, standard streams, limits, timers and signals of the process are as before",
         leaves_surroundings, false},
        {"instances", "a thousand instances leave no descriptor and no thread behind", instances, false},
    };
    return all;
}

} // namespace rsf::check
