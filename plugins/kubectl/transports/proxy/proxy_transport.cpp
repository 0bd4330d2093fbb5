// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/proxy_transport.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/api/bodies/carry_over.hpp"
#include "kubectl/api/types/definition_state.hpp"
#include "kubectl/errors/answer_check.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/transports/waits.hpp"

#include <algorithm>

namespace rsf::kubectl::transports {

namespace {

// For the message about an object that is being deleted: its finalizers.
std::string holders(const json::object &object) {
    std::string names;
    const json::object *metadata = text::object_at(object, "metadata");
    const json::array *finalizers = metadata ? text::array_at(*metadata, "finalizers") : nullptr;
    if (finalizers)
        for (const json::value &each : *finalizers)
            if (each.is_string()) names.append(names.empty() ? "" : ", ").append(each.get_string());
    return names.empty() ? "" : " It is held by its finalizers: " + names + ".";
}

} // namespace

ProxyTransport::ProxyTransport(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                               const settings::Environment &environment)
    : host_(host), settings_(settings), proxy_(host, settings, credentials, environment),
      client_(host, proxy_, settings, credentials), discovery_([this](const Call &call, const std::string &path) {
          ApiRequest request{"GET", path};
          request.waits_for_overload = false;
          return client_.send(call, request);
      }),
      schemas_(
          [this](const Call &call, const std::string &path) {
              return client_.send(call, {"GET", path});
          },
          [host](const Call &call, const std::string &text) { host.log(LogLevel::warning, text, &call); }),
      aggregation_([this](const Call &call, const std::string &name) {
          return read(call, "/apis/apiregistration.k8s.io/v1/apiservices/" + api::percent_encoded(name));
      }) {}

Result ProxyTransport::create(const Call &call) {
    Write write = prepare(call);
    // An exported object has a resourceVersion, which the API server would refuse. kubectl removes it as well.
    if (!text::metadata_text(write.posted.object, "resourceVersion").empty())
        write.posted.object.at("metadata").as_object().erase("resourceVersion");
    check_fields(call, write);
    std::string live = written(call, {"POST", write.type.path(write.ns)}, write.posted.object);
    note_written(call, write);
    if (write.posted.identity.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    return Result::from_text(std::move(live), Outcome::created, write.path());
}

// As kubectl does it: the PUT names the resourceVersion of the live object, unless the object names one itself.
Result ProxyTransport::replace(const Call &call) {
    Write write = prepare(call);
    check_fields(call, write);
    api::expect_revision(call, write.posted.object);
    const bool is_pinned = !text::metadata_text(write.posted.object, "resourceVersion").empty();
    for (int turn = 1;; ++turn) {
        const json::object live = read_live(call, write);
        json::object object = write.posted.object;
        api::carry_over(live, own(), object);
        if (!is_pinned) object.at("metadata").as_object()["resourceVersion"] = text::metadata_text(live, "resourceVersion");
        try {
            ApiRequest request{"PUT", write.path()};
            request.may_repeat = !is_pinned; // if both arrive, the second is a conflict, which the next turn resolves
            std::string text = written(call, request, object);
            note_written(call, write);
            return Result::from_text(std::move(text), Outcome::changed, write.path());
        } catch (const Error &error) {
            // On a conflict another client changed the object in between.
            if (error.code != Code::conflict || is_pinned || turn == most_turns) throw;
        }
    }
}

Result ProxyTransport::remove(const Call &call) {
    const std::optional<api::Posted> posted = api::read_deleted(call);
    if (!posted) return Result::from_text({}, Outcome::unchanged);
    try {
        const Write write = prepare(call);
        if (!write.type.is_kept) return Result::from_text({}, Outcome::unchanged);
        return remove(call, write);
    } catch (const Error &error) {
        if (error.code != Code::invalid && !errors::is_no_such_type(error)) throw; // in a dry run the error is that of a read
    }
    const std::optional<Write> moved = prepare_moved(call, *posted);
    return moved ? remove(call, *moved) : Result::from_text({}, Outcome::unchanged);
}

// Of a deletion whose kind the cluster does not have, or no longer, as the object says it. No value: not in another version
// either.
std::optional<ProxyTransport::Write> ProxyTransport::prepare_moved(const Call &call, const api::Posted &posted) {
    const kubernetes::Identity &identity = posted.identity;
    const std::optional<api::ApiType> type = discovery_.of_deleted(call, identity.api_version, identity.kind);
    if (!type || !type->is_kept) return std::nullopt;
    if (call.dry_run()) aggregation_.check_dry_run(call, type->api_version, type->kind);
    return Write{posted, *type, ns_of(call, *type, identity.ns)};
}

Result ProxyTransport::remove(const Call &call, const Write &write) {
    std::string options = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})";
    if (call.dry_run()) options.insert(options.size() - 1, R"(,"dryRun":["All"])");
    const bool is_pinned = !call.expected_revision().empty();
    if (is_pinned)
        options.insert(options.size() - 1,
                       ",\"preconditions\":" + json_text(json::object{{"resourceVersion", call.expected_revision()}}));
    ApiRequest request{"DELETE", write.path(), options};
    request.may_repeat = !is_pinned; // a deletion that takes a while changes the revision
    std::string deleted;
    try {
        deleted = client_.send(call, request);
        errors::check_deleted(write.identity(), deleted, call.dry_run() ? "" : " The deletion may have happened.");
    } catch (const Error &error) {
        if (error.code != Code::not_found || errors::is_no_such_type(error)) throw;
        return Result::from_text({}, Outcome::unchanged); // it, or its whole namespace
    }
    if (!call.dry_run()) {
        wait_until_gone(call, write, deleted);
        if (write.posted.identity.kind == "CustomResourceDefinition")
            for (const std::string &version : api::api_versions_of(write.posted.object)) discovery_.forget(version);
    }
    return {};
}

std::vector<Before> ProxyTransport::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? client_.known_namespace() : std::string(ns), resources);
}

ProxyTransport::Write ProxyTransport::prepare(const Call &call) {
    Write write{api::read_posted(call), {}, {}};
    const kubernetes::Identity &identity = write.posted.identity;
    write.type = discovery_.of_object(call, identity.api_version, identity.kind);
    if (!write.type.is_kept && (call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY))
        throw errors::never_stored(Code::unsupported, identity.kind);
    write.ns = ns_of(call, write.type, identity.ns);
    if (call.dry_run()) aggregation_.check_dry_run(call, identity.api_version, identity.kind);
    return write;
}

// The namespace of an object of the type; empty for a cluster-scoped type.
std::string ProxyTransport::ns_of(const Call &call, const api::ApiType &type, std::string_view ns) const {
    if (!type.namespaced) return {};
    std::string found = ns.empty() ? client_.default_namespace(call) : std::string(ns);
    text::check_namespace(found);
    return found;
}

json::object ProxyTransport::read(const Call &call, const std::string &path) const {
    return text::parse_object(client_.send(call, {"GET", path}), "kubectl proxy");
}

// The live object.
json::object ProxyTransport::read_live(const Call &call, const Write &write) const {
    const std::string text = client_.send(call, {"GET", write.path()});
    errors::check_object(write.identity(), text);
    return text::parse_object(text, "kubectl proxy");
}

// Sends the request with object as its body and the parameters that every write has.
std::string ProxyTransport::written(const Call &call, const ApiRequest &how, const json::object &object) const {
    return sent(call, how, json_text(object));
}

std::string ProxyTransport::sent(const Call &call, const ApiRequest &how, const std::string &body) const {
    ApiRequest request = how;
    request.path = api::with_query(
        request.path,
        {{"dryRun", call.dry_run() ? "All" : ""}, {"fieldManager", settings_.field_manager}, {"fieldValidation", "Strict"}});
    request.body = body;
    return client_.send(call, request);
}

// live: empty where the object is not there.
void ProxyTransport::check_revision(const Call &call, const Write &write, const json::object &live) {
    const std::string_view expected = call.expected_revision(), held = text::metadata_text(live, "resourceVersion");
    if (expected.empty() || expected == held) return;
    throw Error(Code::conflict,
                write.type.kind + " \"" + write.posted.identity.name + "\" is " +
                    (held.empty() ? std::string("not there") : "at revision " + std::string(held)) + ", and revision " +
                    std::string(expected) + " was expected: read it again and decide anew.",
                Retry::never);
}

void ProxyTransport::check_fields(const Call &call, const Write &write) {
    schemas_.check(call, {write.type.api_version, write.type.kind, write.type.plural}, write.posted.object);
}

// A changed definition may have changed the versions and fields of its kind.
void ProxyTransport::note_written(const Call &call, const Write &write) {
    if (write.type.kind != "CustomResourceDefinition" || call.dry_run()) return;
    schemas_.forget_custom();
    for (const std::string &version : api::api_versions_of(write.posted.object)) discovery_.forget(version);
}

// deleted: the answer to the deletion: a Status, or the object if finalizers or a grace period delay it.
void ProxyTransport::wait_until_gone(const Call &call, const Write &write, std::string_view deleted) const {
    const json::object answer = text::parse_object(deleted, "kubectl proxy");
    if (text::text_at(answer, "kind") == "Status") return; // the object is gone
    const std::string uid(text::metadata_text(answer, "uid"));
    std::string held;
    for (int turn = 0;; ++turn) {
        try {
            const json::object live = read_live(call, write);
            if (!uid.empty() && text::metadata_text(live, "uid") != uid) return; // a new object of that name
            held = holders(live);
            pause(call, turn);
        } catch (const Error &error) {
            if (error.code == Code::not_found) return;
            if (error.code == Code::forbidden) {
                host_.log(LogLevel::warning, std::string("Whether a deleted object is gone can't be seen: ") + error.what(),
                          &call);
                return;
            }
            if (error.code != Code::timeout) throw;
            throw with_effect(Effect::known,
                              {Code::timeout, "The deletion was accepted, but the object is not gone yet." + held, Retry::later});
        }
    }
}

// The cluster refuses objects of the kind before the definition is established, and discovery lists the kind some time later.
void ProxyTransport::wait_until_served(const Call &call, const std::string &path, const json::object &definition) {
    const json::object *spec = text::object_at(definition, "spec");
    const json::object *names = spec ? text::object_at(*spec, "names") : nullptr;
    const std::string name = path.substr(path.rfind('/') + 1);
    const bool is_seen = wait_until_in_force(host_, call, name, [&] {
        for (int turn = 0; !api::is_in_force(read(call, path)); ++turn) pause(call, turn);
    });
    if (!is_seen) return;
    for (const std::string &version : api::api_versions_of(definition)) discovery_.forget(version);
    if (!names) return;
    const json::array *versions = text::array_at(*spec, "versions");
    if (!versions) return;
    for (const json::value &each : *versions) {
        const json::object *version = each.if_object();
        if (!version || !text::is_true_at(*version, "served")) continue;
        const std::string api_version =
            std::string(text::text_at(*spec, "group")) + "/" + std::string(text::text_at(*version, "name"));
        if (kubernetes::fault_of_api_version(api_version)) continue;
        for (int turn = 0;; ++turn) {
            try {
                discovery_.of_object(call, api_version, text::text_at(*names, "kind"));
                break;
            } catch (const Error &error) {
                if (error.code != Code::invalid) throw;
                pause(call, turn);
                discovery_.forget(api_version);
            }
        }
    }
}

} // namespace rsf::kubectl::transports
